"""What the columns of a campaign's file may hold."""

from common.csv_files.columns import Column
from common.csv_files.values import text, texts
from messages.campaigns.recipients.number_checks import read_number, read_numbers

COLUMNS = (
    Column("case_id", text, required=False, when_empty="", parse_all=texts),
    Column("phone", read_number, required=False, optional=True, parse_all=read_numbers),
)

NAME = f"{__name__}:COLUMNS"
"""Where another process finds them."""
