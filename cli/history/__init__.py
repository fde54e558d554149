"""The demonstration's past: people, calls and messages of the days before its first start.

All of it is made through the real webhooks and use cases, by a clock that is set; the same day
gives the same past. ``python -m cli.history`` is what ``zoldszam demo`` runs beside its servers,
once, on a new database of its own.
"""

MESSAGES_ARE_MADE = "messages"
"""The line of its output that says that nothing is being sent any more: a worker may begin."""
CALLS_ARE_MADE = "calls"
"""The line that says that all is there."""
