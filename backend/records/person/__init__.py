"""One person's data: found, disclosed, erased."""
