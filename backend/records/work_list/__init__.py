"""What waits for a person: the tasks of the staff."""
