"""Longer runs of faults than the suite has time for; each writes its section of reliability.md."""
