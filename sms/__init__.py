"""The text messages of the utility: what they say, and what a text costs on the air."""
