"""Backup and restore in the middle of a campaign: nobody gets two messages, nobody is forgotten."""

import os
import stat
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import func, make_url, select, update

from backend.db.backup import BackupError, back_up, restore
from backend.db.tables.messages import outbox
from backend.db.tables.staff import sessions
from backend.db.transactions import open_database, read, write
from backend.staff.audit import record_act
from cli.operation.database import db_group
from messages.campaigns import lifecycle
from messages.campaigns.pause_reasons import PauseCode
from messages.campaigns.restored import Held, hold_restored
from tests.support.carriers.sending_desk import SendingDesk
from tests.support.databases.database import Database, PostgresServer
from tests.support.databases.recipients import mobile


def in_the_middle(desk: SendingDesk) -> str:
    """A campaign of which three messages of nine were sent; its id."""
    desk.use(policy={"pace": 1})
    campaign_id = desk.run(desk.debtors(9))
    while len(desk.taken) < 3:
        desk.send(campaign_id, batches=1)
    return campaign_id


def goes_on_without_repeating(desk: SendingDesk, restored: Database, campaign_id: str) -> None:
    """Take the restored records and bring the campaign to its end."""
    desk.database = restored
    desk.use(engine=restored.engine)
    with write(restored.engine) as connection:
        held = hold_restored(connection, desk.clock())
        assert held.campaigns == 1
        assert hold_restored(connection, desk.clock()) == Held(0, held.messages)
    campaign = desk.find(campaign_id)
    assert campaign.state == "paused"
    assert campaign.pause_reason is not None
    assert campaign.pause_reason.code is PauseCode.RESTORED
    # Whoever resumes at once, does no harm: what is not known is not sent.
    assert desk.step(lifecycle.resume, campaign_id, "anna") == "running"
    before = list(desk.taken)
    desk.send(campaign_id)
    assert desk.taken == before
    for _ in range(3):
        desk.wait(400)
        desk.reconcile()
    desk.send(campaign_id)
    assert sorted(desk.taken) == sorted(map(mobile, range(1, 10)))
    assert desk.states(campaign_id) == {"accepted": 9}


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_what_was_sent_since_the_backup_is_found_and_the_rest_is_sent_once(
    desk: SendingDesk, tmp_path: Path
) -> None:
    campaign_id = in_the_middle(desk)
    file, target = tmp_path / "copies" / "monday.db", tmp_path / "restored.db"
    back_up(desk.database.engine, file)
    assert {path.name: stat.S_IMODE(os.stat(path).st_mode) for path in file.parent.iterdir()} == {
        "monday.db": 0o600
    }
    while len(desk.taken) < 6:
        desk.send(campaign_id, batches=1)
    restore(f"sqlite:///{target}", file)
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    engine = open_database(f"sqlite:///{target}")
    goes_on_without_repeating(desk, Database(f"sqlite:///{target}", engine), campaign_id)
    engine.dispose()


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_postgresql_is_backed_up_and_restored_by_its_own_programs(
    desk: SendingDesk,
    postgres: PostgresServer,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    campaign_id = in_the_middle(desk)
    file = tmp_path / "monday.dump"
    with monkeypatch.context() as nowhere:
        nowhere.setenv("PATH", "")
        with pytest.raises(BackupError, match="pg_dump is not here: install"):
            back_up(desk.database.engine, file)
    assert not list(tmp_path.iterdir())
    monkeypatch.setenv("PATH", f"{postgres.programs}:{os.environ['PATH']}")
    back_up(desk.database.engine, file)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    while len(desk.taken) < 6:
        desk.send(campaign_id, batches=1)
    with postgres.empty_database() as url:
        restore(url, file)
        engine = open_database(url)
        goes_on_without_repeating(desk, Database(url, engine), campaign_id)
        with pytest.raises(BackupError, match="has tables"):
            restore(url, file)
        secret = make_url(url).set(password="a:b\\c").render_as_string(hide_password=False)
        with_password = open_database(secret)
        back_up(with_password, tmp_path / "again.dump")
        with_password.dispose()
        engine.dispose()


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_an_entry_by_a_clock_that_was_fast_does_not_make_what_was_sent_since_look_older(
    desk: SendingDesk,
) -> None:
    campaign_id = in_the_middle(desk)
    as_queued = {"state": "queued", "worker": None, "attempted_at": None, "settled_at": None}
    forgotten = {"first_asked_at": None, "asked_until": None, "message_sid": None}
    with write(desk.database.engine) as connection:
        fast = desk.clock() + timedelta(days=365)
        record_act(connection, "anna", "campaign pause", campaign_id, None, fast)
        connection.execute(update(outbox).values(as_queued | forgotten))
    desk.wait(timedelta(days=1).total_seconds())
    goes_on_without_repeating(desk, desk.database, campaign_id)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_nothing_is_overwritten_and_no_damaged_file_becomes_the_records(
    database: Database, tmp_path: Path
) -> None:
    file, target = tmp_path / "monday.db", tmp_path / "restored.db"
    back_up(database.engine, file)
    damaged, foreign = tmp_path / "damaged.db", tmp_path / "foreign.db"
    # The page of some table, not the first.
    content = bytearray(file.read_bytes())
    content[8192:12288] = b"\xff" * 4096
    damaged.write_bytes(content)
    left = tmp_path / "left.db"
    left.with_name("left.db-wal").write_bytes(b"of records whose file alone was moved away")
    foreign.write_bytes(b"no database at all, but long enough to be looked at" * 100)
    refused: list[tuple[Callable[[], None], str]] = [
        (lambda: back_up(database.engine, file), "is there already"),
        (lambda: restore(database.url, file), "is there already"),
        (lambda: restore(f"sqlite:///{left}", file), "part of the old records"),
        (lambda: restore(f"sqlite:///{target}", damaged), "damaged|no backup"),
        (lambda: restore(f"sqlite:///{target}", foreign), "no backup of SQLite"),
        (lambda: restore(f"sqlite:///{target}", tmp_path / "absent"), "There is no file"),
    ]
    for act, why in refused:
        with pytest.raises(BackupError, match=why):
            act()
    assert not target.exists()
    assert not left.exists()
    assert not list(tmp_path.glob("*.part*"))


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_the_commands_tell_what_is_on_hold(desk: SendingDesk, tmp_path: Path) -> None:
    in_the_middle(desk)
    file, url = str(tmp_path / "monday.db"), f"sqlite:///{tmp_path / 'restored.db'}"
    told = ""
    for database, *command in (
        (desk.database.url, "backup", file),
        (url, "restore", file),
        (url, "restored"),
    ):
        done = CliRunner().invoke(db_group, [*command, "--database", database])
        assert done.exit_code == 0, done.output
        told += done.stdout
    assert "1 campaign paused; " in told
    assert "0 campaigns paused; " in told
    engine = open_database(url)
    with read(engine) as connection:
        assert connection.scalar(select(func.count()).select_from(sessions)) == 0
        unknown = select(func.count()).where(outbox.c.state == "unknown")
        assert connection.scalar(unknown) == 9 - len(desk.taken)
    engine.dispose()
