"""The audit log, the work list and the ledger as pages: filters, keysets, and who holds a task."""

from datetime import timedelta
from random import Random

import pytest
from sqlalchemy import Delete, Update
from sqlalchemy.exc import DBAPIError

from backend.db.tables.messages import acts
from backend.db.transactions import read, write
from backend.records.requests.ledger import find_by_text, page_of_requests
from backend.records.work_list.task_list import IDLE, find_task, page_of_tasks
from backend.records.work_list.task_outcomes import finish_task, give_task_back, take_task
from backend.records.work_list.tasks import open_task
from backend.rules.confirmation_numbers import new_receipt
from backend.staff.audit import list_acts, record_act
from common.error_codes import ErrorCode
from common.errors import RecordsError, TaskError
from tests.support.colleagues.staff import NOW, add_staff
from tests.support.databases.database import Database

PHONES = [f"+3630123456{digit}" for digit in range(5)]


@pytest.mark.both_databases
@pytest.mark.parametrize("change", [acts.update().values(by="bela"), acts.delete()])
def test_the_database_itself_refuses_to_change_or_delete_an_act(
    database: Database, change: Update | Delete
) -> None:
    with write(database.engine) as connection:
        record_act(connection, "anna", "campaign start", "C1", None, NOW)
    with pytest.raises(DBAPIError, match="never changed"), write(database.engine) as connection:
        connection.execute(change)
    with read(database.engine) as connection:
        assert [act.by for act in list_acts(connection)] == ["anna"]


def test_the_audit_log_is_filtered_and_paged_without_a_gap(database: Database) -> None:
    with write(database.engine) as connection:
        for number in range(7):
            by = "anna" if number % 2 else "bela"
            at = NOW + timedelta(minutes=number)
            record_act(connection, by, "campaign start", f"C{number}", None, at)
        record_act(connection, "anna", "user add", "cili", "sender", NOW)
    with read(database.engine) as connection:
        everything = list_acts(connection)
        first = list_acts(connection, limit=3)
        rest = list_acts(connection, before=first[-1].number)
        assert first + rest == everything
        assert [each.subject for each in list_acts(connection, by="anna", act="campaign")] == [
            "C5", "C3", "C1",
        ]  # fmt: skip
        late = list_acts(connection, since=NOW + timedelta(minutes=5))
        assert [each.subject for each in late] == ["C6", "C5"]
        assert [each.subject for each in list_acts(connection, subject="cili")] == ["cili"]


def test_only_the_holder_finishes_a_task_until_it_was_left_alone(database: Database) -> None:
    add_staff(database.engine, anna="sender", bela="approver", vera="viewer")
    with write(database.engine) as connection:
        for phone in PHONES:
            open_task(connection, "verify_opt_out", phone, NOW)
        first, second, *others = [task.number for task in page_of_tasks(connection)]
        assert page_of_tasks(connection, beyond=first, limit=1) == [find_task(connection, second)]
        assert take_task(connection, first, "anna", NOW).holder(NOW) == "anna"
        for act in (
            lambda: take_task(connection, first, "bela", NOW),
            lambda: finish_task(connection, first, "bela", "done", NOW),
        ):
            with pytest.raises(TaskError) as refused:
                act()
            assert refused.value.code is ErrorCode.TASK_HELD
            assert refused.value.parameters["by"] == "anna"
        later = NOW + IDLE
        assert find_task(connection, first).holder(later) is None
        take_task(connection, first, "bela", later)
        with pytest.raises(TaskError, match="bela works on"):
            finish_task(connection, first, "anna", "done", later)
        finish_task(connection, first, "bela", "done", later)
        with pytest.raises(TaskError) as finished:
            take_task(connection, first, "anna", later)
        assert finished.value.code is ErrorCode.TASK_FINISHED
        take_task(connection, second, "anna", NOW)
        give_task_back(connection, second, "bela", NOW)
        assert find_task(connection, second).holder(NOW) == "anna"
        give_task_back(connection, second, "anna", NOW)
        with pytest.raises(TaskError) as kept:
            finish_task(connection, second, "bela", "released", NOW, "called +36 30 123 4567")
        assert kept.value.code is ErrorCode.TASK_NOTE_HOLDS_NUMBER
        finish_task(connection, second, "bela", "released", NOW)
        assert [task.number for task in page_of_tasks(connection)] == others
        assert [task.number for task in page_of_tasks(connection, done=True)] == [second, first]


def test_a_confirmation_number_is_found_however_it_is_written(utility: Database) -> None:
    receipt = new_receipt(Random(1))  # noqa: S311 - nothing in a test is secret
    with read(utility.engine) as connection:
        assert page_of_requests(connection) == []
        with pytest.raises(RecordsError) as wrong:
            find_by_text(connection, "1234-5678")
        assert wrong.value.code is ErrorCode.RECEIPT_INVALID
        with pytest.raises(RecordsError) as unknown:
            find_by_text(connection, f"{receipt[:4]}-{receipt[4:]}")
        assert unknown.value.code is ErrorCode.RECEIPT_UNKNOWN
