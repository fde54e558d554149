"""Every table, by subject, and whose data each column holds."""
