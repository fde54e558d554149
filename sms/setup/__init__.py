"""How our numbers and our sender are set up at the carrier, and what ought to be set."""
