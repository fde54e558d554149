"""The menu and what callers hear on the line."""
