"""A campaign before it is one: its plan, its list of recipients, its rehearsal."""
