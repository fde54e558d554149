"""Walking a line: the real dialogue, by every key, silence and hang-up, until nothing is new."""
