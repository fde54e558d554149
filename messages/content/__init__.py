"""Message templates: what may be in them, and how they become a message."""
