"""Where recipients come from: a CSV file of cases, the debt register, another campaign."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Select, case, func, insert, null, select

from backend.db.bulk_insert import insert_batches, insert_rows
from backend.db.tables.messages import outbox
from backend.db.tables.records import debts
from backend.reading_process import read_large
from common.characters import cleaned
from common.csv_files.problems import CsvFault, Problems
from common.csv_files.reading import Progress
from common.csv_files.values import text
from common.error_codes import ErrorCode
from common.errors import RecipientsRefusedError
from messages.campaigns.recipients.file_columns import NAME
from messages.campaigns.recipients.number_checks import read_number
from messages.campaigns.recipients.temp_tables import source


@dataclass(frozen=True, slots=True)
class RecipientsFile:
    """A CSV file with the columns ``case_id`` or ``case_id,phone``.

    UTF-8, ``;`` or ``,``, one header line. The number in the file wins over the debt's; where it
    is empty the debt's holds.
    """

    path: Path

    @property
    def name(self) -> str:
        return self.path.name

    def stage(self, connection: Connection, progress: Progress) -> int:
        """Put the rows into ``source`` with their line numbers; how many there are.

        Lines without any value are no rows. Raises ``RecipientsRefusedError`` with all that is
        wrong: what makes a file unsound as a whole, never a case or a number that is not good.
        """
        problems = Problems()
        try:
            columns = (
                [batch.lines, batch.values["case_id"], batch.values["phone"]]
                for batch in read_large(self.path, NAME, problems, progress)
            )
            count = insert_batches(connection, source, source.columns.keys(), columns)
        except OSError as error:
            raise RecipientsRefusedError(
                f'The file "{self.path}" cannot be read: {error.strerror}. Name another one.'
            ) from error
        if not problems.count and not count:
            complaint = "has no rows below its header. Write one line for each case."
            problems.add(self.name, complaint, CsvFault.NO_ROWS)
        if problems.count:
            raise RecipientsRefusedError(
                "\n".join([*problems.listed(), "Nothing was stored."]),
                problems=tuple(problems.first),
                count=problems.count,
            )
        return count


@dataclass(frozen=True, slots=True)
class DebtRegister:
    """Every debt of the register in the order of its case, each with its own number.

    With ``overdue_before`` only those that were overdue before that day began.
    """

    overdue_before: date | None = None

    @property
    def name(self) -> str:
        return "debt register"

    def stage(self, connection: Connection, progress: Progress) -> int:
        """Put the debts into ``source``, numbered from 1; how many there are.

        Raises ``RecipientsRefusedError`` when there are none.
        """
        progress(self.name, 0, 1)
        line = func.row_number().over(order_by=debts.c.case_id)
        rows = select(line, debts.c.case_id, null())
        if self.overdue_before is not None:
            rows = rows.where(debts.c.overdue_since < self.overdue_before)
        count = _stage(connection, rows)
        if not count:
            since = f" overdue before {self.overdue_before}" if self.overdue_before else ""
            raise RecipientsRefusedError(
                f"The debt register has no debts{since}. Import debts.csv, or choose a later day.",
                code=ErrorCode.REGISTER_EMPTY,
            )
        progress(self.name, 1, 1)
        return count


@dataclass(frozen=True, slots=True)
class FormerCampaign:
    """Whoever was a recipient of another campaign, at the number that was named there.

    Who was left out then is not asked again: a list that is to be judged anew is loaded anew.
    """

    campaign_id: str
    name: str

    def stage(self, connection: Connection, progress: Progress) -> int:
        """Put its recipients into ``source`` with their line numbers; how many there are.

        A case's own number is looked up again. Raises ``RecipientsRefusedError`` when the campaign
        has no rows any more.
        """
        progress(self.name, 0, 1)
        number = case((outbox.c.phone_is_of_case, null()), else_=outbox.c.phone)
        rows = select(outbox.c.line, outbox.c.case_id, number).where(
            outbox.c.campaign_id == self.campaign_id, outbox.c.case_id.is_not(None)
        )
        count = _stage(connection, rows)
        if not count:
            raise RecipientsRefusedError(
                f"Campaign {self.campaign_id} has no recipients any more. Load a list.",
                code=ErrorCode.FORMER_WITHOUT_RECIPIENTS,
            )
        progress(self.name, 1, 1)
        return count


@dataclass(frozen=True, slots=True)
class RecipientRows:
    """Cases that another system names, each with a number where it is not the case's own.

    ``name`` is what staff see in place of a file's name.
    """

    name: str
    rows: Sequence[tuple[str, str | None]]

    def stage(self, connection: Connection, progress: Progress) -> int:
        """Put the rows into ``source``, numbered from 1; how many there are.

        Raises ``RecipientsRefusedError`` for the first case that cannot be shown.
        """
        progress(self.name, 0, 1)
        staged = (
            (line, _case(line, case_id), phone and read_number(cleaned(phone).strip()))
            for line, (case_id, phone) in enumerate(self.rows, 1)
        )
        count = insert_rows(connection, source, staged)
        progress(self.name, 1, 1)
        return count


def _stage(connection: Connection, rows: Select[Any]) -> int:
    connection.execute(insert(source).from_select(["line", "case_id", "phone"], rows))
    return connection.execute(select(func.count()).select_from(source)).scalar_one()


def _case(row: int, case_id: str) -> str:
    try:
        return text(cleaned(case_id).strip())
    except ValueError as error:
        raise RecipientsRefusedError(
            f"The case of row {row} {error}", row=row, array="recipients/cases"
        ) from error


Source = RecipientsFile | DebtRegister | FormerCampaign | RecipientRows
