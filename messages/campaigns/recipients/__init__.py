"""Who gets a campaign's message: every row of the source, judged and counted.

``selection`` begins. The rows are staged in temporary tables (``source``), judged there by the
database itself (``judging``, ``limits``, ``stopped``, ``duplicates``), and taken over in one
transaction, so that a million of them need no more memory than a thousand.
"""
