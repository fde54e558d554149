"""A simulated call: its TwiML, keys, sound and end."""
