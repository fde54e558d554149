"""Who must not get a message, and who asked for what: the suppression list."""
