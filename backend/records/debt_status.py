"""What the back office says of single debts between two imports: paid, disputed, and so on."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, bindparam, select, update

from backend.db.locks import RECORDS, lock_subjects
from backend.db.tables.records import debts
from backend.interface.codes import DebtStatus, Scope
from backend.staff.api_access.api_keys import require_scope
from backend.staff.audit import record_act
from common.characters import cleaned
from common.csv_files.problems import quoted
from common.error_codes import ErrorCode
from common.errors import RecordsError

_SET = (
    update(debts)
    .where(debts.c.case_id == bindparam("case"), debts.c.status != bindparam("to"))
    .values(status=bindparam("to"))
)
_AT_ONCE = 500


def set_debt_statuses(
    connection: Connection, statuses: Sequence[tuple[str, DebtStatus]], by: str, now: datetime
) -> int:
    """Set the status of cases by their ids; how many had another one before.

    Of a case that is named twice the last status counts.

    It holds at once: the pre-send check of a running campaign reads it (CO-10). Raises
    ``UserError`` for a key without the scope, ``RecordsError`` with the first unknown case, of
    which nothing is set then.
    """
    require_scope(connection, by, Scope.DEBTS_WRITE)
    lock_subjects(connection, RECORDS)
    # As the import has read them: an id is the same, however its blanks and accents are written.
    wanted = [(" ".join(cleaned(case_id).split()), status) for case_id, status in statuses]
    _require_known(connection, [case_id for case_id, _ in wanted])
    changed = 0
    for case_id, status in dict(wanted).items():
        changed += connection.execute(_SET, {"case": case_id, "to": status}).rowcount
    record_act(connection, by, "debt status", "debts", str(changed), now)
    return changed


def _require_known(connection: Connection, case_ids: list[str]) -> None:
    for at in range(0, len(case_ids), _AT_ONCE):
        part = case_ids[at : at + _AT_ONCE]
        found = set(connection.scalars(select(debts.c.case_id).where(debts.c.case_id.in_(part))))
        for case_id in part:
            if case_id not in found:
                raise RecordsError(
                    f"There is no case {quoted(case_id)}. Send it with the records first.",
                    code=ErrorCode.CASE_UNKNOWN,
                    row=case_ids.index(case_id) + 1,
                    array="debts",
                )
