"""The JSON API for other systems of the utility: the subjects of the console, behind keys."""
