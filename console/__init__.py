"""The staff's pages: a process of its own on the same records."""
