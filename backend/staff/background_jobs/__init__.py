"""What a worker does for the staff meanwhile: its files, its progress, its result."""
