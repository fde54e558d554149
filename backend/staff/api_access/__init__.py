"""The keys of other systems, what they may do and how often."""
