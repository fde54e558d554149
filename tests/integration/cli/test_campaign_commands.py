"""``zoldszam campaign``, ``worker`` and ``reconcile``, as staff and operators type them."""

import io
import json
import os
import stat
import sys
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path

import pytest
import time_machine
from sqlalchemy import update

from backend.db.tables.messages import outbox, users
from backend.db.tables.records import customers, debts
from backend.db.transactions import write
from backend.interface.codes import OutboxState
from cli import main
from messages.campaigns import lifecycle
from simulator.messages import CodedFault, Fault
from tests.support.calls.telephone import TOKEN
from tests.support.carriers.sending_desk import ACCOUNT, PUBLIC_URL, SENDER, SendingDesk
from tests.support.databases.recipients import mobile

on_one_database = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
"""For what is refused before any database is asked."""


@dataclass(frozen=True)
class Said:
    """What a command printed, and how it ended."""

    code: int
    output: str
    complaint: str

    @property
    def lines(self) -> list[str]:
        assert self.code == 0, self.complaint
        return self.output.splitlines()


def run(desk: SendingDesk, *arguments: str, **settings: str | None) -> Said:
    """A command as a shell runs it, with the settings of a desk that works."""
    usual: dict[str, str | None] = {
        "DATABASE_URL": desk.database.url,
        "PUBLIC_URL": PUBLIC_URL,
        "TWILIO_API_URL": desk.url,
        "TWILIO_ACCOUNT_SID": ACCOUNT,
        "TWILIO_AUTH_TOKEN": TOKEN,
        "SMS_FROM": SENDER,
    }
    output, complaint = io.StringIO(), io.StringIO()
    with pytest.MonkeyPatch.context() as patch, time_machine.travel(desk.clock(), tick=False):
        for name in list(os.environ):
            if name.startswith(("TWILIO_", "SMS_")):
                patch.delenv(name)
        for name, value in (usual | settings).items():
            patch.delenv(name, raising=False) if value is None else patch.setenv(name, value)
        patch.setattr(sys, "argv", ["zoldszam", *arguments])
        with redirect_stdout(output), redirect_stderr(complaint):
            try:
                main()
                code = 0
            except SystemExit as end:
                code = int(end.code or 0)
    return Said(code, output.getvalue(), complaint.getvalue())


@pytest.fixture
def file(desk: SendingDesk, tmp_path: Path) -> Path:
    """A file of seven rows, four of them good."""
    desk.debtors(6)
    with write(desk.database.engine) as connection:
        connection.execute(update(debts).where(debts.c.case_id == "D5").values(status="paid"))
        protected = update(customers).where(customers.c.customer_id == "C6")
        connection.execute(protected.values(protected=True))
    path = tmp_path / "november.csv"
    path.write_text("case_id\n" + "\n".join(f"D{each}" for each in range(1, 8)), "utf-8")
    return path


def create(desk: SendingDesk, file: Path, *more: str, **settings: str | None) -> Said:
    arguments = ("--name", "November", "--template", "debt_contact_1", "--recipients", str(file))
    return run(desk, "campaign", "create", *arguments, "--by", "anna", *more, **settings)


def status(desk: SendingDesk, campaign_id: str) -> dict[str, object]:
    told: dict[str, object] = json.loads(
        "\n".join(run(desk, "campaign", "status", campaign_id, "--json").lines)
    )
    assert sum(int(str(told[state])) for state in map(str, OutboxState)) == told["recipients"]
    return told


@pytest.mark.both_databases
def test_a_campaign_from_the_file_to_the_last_message(desk: SendingDesk, file: Path) -> None:
    made = create(desk, file).lines
    campaign_id = made[-1]
    assert len(campaign_id) == 8
    assert campaign_id.isalnum()
    assert made[:5] == [
        "november.csv: 7 rows",
        "  recipients                    4",
        "  excluded: unknown_case        1",
        "  excluded: paid                1",
        "  excluded: protected           1",
    ]
    assert made[5].startswith("Text (soft): Tisztelt Ügyfelünk! Szamlaügyben")
    assert made[6] == ("  accented UCS-2, 3 segments a message; soft GSM-7, 1 segment a message.")
    assert run(desk, "campaign", "exclusions", campaign_id).lines == [
        "line;case_id;reason",
        "6;D5;paid",
        "7;D6;protected",
        "8;D7;unknown_case",
    ]
    approved = run(desk, "campaign", "approve", campaign_id, "--by", "bela").lines
    assert approved == [f"Campaign {campaign_id} (November) is approved."]
    for _ in range(2):
        started = run(desk, "campaign", "start", campaign_id, "--by", "anna").lines
        assert started == [f"Campaign {campaign_id} (November) is running."]
    assert status(desk, campaign_id)["queued"] == 4
    desk.carrier.faults.refuse = CodedFault(code=21614, recipients=(mobile(2),))
    desk.carrier.faults.cut_after = Fault(recipients=(mobile(3),))
    desk.send(campaign_id)
    told = status(desk, campaign_id)
    assert {name: told[name] for name in map(str, OutboxState) if told[name]} == {
        "accepted": 2,
        "unknown": 1,
        "failed": 1,
    }
    assert told["excluded"] == {"paid": 1, "protected": 1, "unknown_case": 1}
    assert (told["rows"], told["failed_with"], told["segments"]) == (7, {"21614": 1}, 1)
    assert (told["state"], told["created_by"], told["approved_by"]) == ("running", "anna", "bela")
    assert told["started_at"] == "2026-11-23T09:00:00+00:00"
    desk.wait(301)
    away = run(desk, "reconcile", TWILIO_API_URL="http://127.0.0.1:1")
    assert away.code == 1
    assert "The carrier does not answer (ConnectionError), so nothing was judged." in away.complaint
    (settled,) = run(desk, "reconcile").lines
    assert settled.startswith("1 found at the carrier, 0 proved absent and queued again, 0 left")
    desk.send(campaign_id)
    lines = run(desk, "campaign", "status", campaign_id).lines
    assert lines[0] == f"Campaign {campaign_id} (November) is done."
    assert "  rows       7 in november.csv" in lines
    assert "  excluded   3  (paid 1, protected 1, unknown_case 1)" in lines
    assert "    failed             1  (21614 1)" in lines
    assert "    accepted           3" in lines
    head, listed = run(desk, "campaign", "list").lines
    assert head.split() == ["id", "state", "recipients", "created", "by", "name"]
    assert listed.split() == [
        campaign_id,
        "done",
        "4",
        "2026-11-23",
        "10:00",
        "anna",
        "November",
    ]


def test_who_got_the_same_text_lately_is_warned_of(desk: SendingDesk, file: Path) -> None:
    assert create(desk, file).complaint == ""
    first = desk.find(create(desk, file).lines[-1])
    run(desk, "campaign", "approve", first.campaign_id, "--by", "bela")
    run(desk, "campaign", "start", first.campaign_id, "--by", "anna")
    desk.send(first.campaign_id)
    desk.clock.set("2026-12-21 10:00")
    again = create(desk, file)
    assert again.complaint == (
        "Warning: 4 of the recipients got exactly this text within the last 30 days.\n"
    )
    assert again.lines[-1] != first.campaign_id
    desk.clock.set("2026-12-24 10:00")
    assert create(desk, file).complaint == ""


def test_the_debt_register_takes_the_place_of_a_file(desk: SendingDesk, file: Path) -> None:
    register = ("campaign", "create", "--name", "all", "--template", "debt_contact_2")
    made = run(desk, *register, "--debt-register", "--form", "accented", "--by", "anna").lines
    assert made[0] == "debt register: 6 rows"
    assert any(line.startswith("Text (accented): Tisztelt Ügyfelünk! Ismét") for line in made)
    assert desk.find(made[-1]).segments == 3
    day = ("--overdue-before", "2025-08-15")
    refused = run(desk, *register, "--debt-register", *day, "--by", "anna")
    assert refused.code == 1
    assert "no debts overdue before 2025-08-15" in refused.complaint


def test_each_step_tells_the_state_that_it_has_led_to(desk: SendingDesk, file: Path) -> None:
    campaign_id = create(desk, file).lines[-1]
    said = f"Campaign {campaign_id} (November) is"
    steps = [
        ("approve", "bela", "approved."),
        ("start --at 2026-11-24T09:30", "anna", "scheduled and begins on 2026-11-24 09:30."),
        ("pause", "bela", "paused: paused by bela."),
        ("resume", "anna", "scheduled and begins on 2026-11-24 09:30."),
        ("cancel", "anna", "cancelled."),
    ]
    for act, by, state in steps:
        word, *more = act.split()
        told = run(desk, "campaign", word, campaign_id, *more, "--by", by).lines
        assert told == [f"{said} {state}"]


def test_a_campaign_that_is_held_back_tells_until_when(desk: SendingDesk, file: Path) -> None:
    campaign_id = create(desk, file).lines[-1]
    run(desk, "campaign", "approve", campaign_id, "--by", "bela")
    run(desk, "campaign", "start", campaign_id, "--by", "anna")
    desk.clock.set("2026-11-27 20:30")
    lines = run(desk, "campaign", "status", campaign_id).lines
    assert lines[-1] == "It is held back now and goes on at 2026-11-30 08:00."
    always = run(desk, "campaign", "status", campaign_id, CONTACT_HOURS="always").lines
    assert "held back" not in always[-1]


def test_a_rehearsal_is_a_campaign_of_its_own_to_ones_own_phone(
    desk: SendingDesk, file: Path
) -> None:
    campaign_id = create(desk, file).lines[-1]
    with write(desk.database.engine) as connection:
        connection.execute(update(users).where(users.c.name == "anna").values(phone="+36209998888"))
    (told,) = run(desk, "campaign", "rehearse", campaign_id, "--by", "anna").lines
    assert told.endswith("(rehearsal: November) is running.")
    rehearsal_id = told.split()[1]
    assert status(desk, rehearsal_id)["rehearsal_of"] == campaign_id
    desk.send(rehearsal_id)
    assert desk.taken == ["+36209998888"]
    nobody = run(desk, "campaign", "rehearse", campaign_id, "--to", "bela", "--by", "anna")
    assert nobody.code == 1
    assert "bela has no telephone that we know." in nobody.complaint


def assert_refused(desk: SendingDesk, said: Said, sentence: str, before: list[object]) -> None:
    assert said.code in (1, 2)
    assert sentence in said.complaint
    assert "Traceback" not in said.complaint
    assert said.output == ""
    assert desk.snapshot() == before


BAD_FILES = [
    (b"case_id;phone\nD1;06301234567;x\n", "november.csv:2: "),
    (b'case_id;phone\nD1;"06301\n', "november.csv:2: cannot be read"),
    ("case_id\nügy-1\n".encode("iso-8859-2"), "november.csv:2: is not UTF-8"),
    (
        "case_id\nD1\n".encode("utf-16"),
        "november.csv: is UTF-16 (what spreadsheets call Unicode text), not UTF-8",
    ),
    (b"phone\n06301234567\n", 'column "case_id" is missing. Add it.'),
    (b"case_id;e-mail\nD1;x@example.hu\n", 'column "e-mail" is not known. Take it out.'),
    (b"case_id\n", "has no rows below its header"),
    (b"", "november.csv:1: has no header"),
    (b"case_id\nD1\x00\n", "has a character in it that cannot be shown"),
]


@on_one_database
def test_exclusions_are_quoted_without_formulas_and_can_be_read_again(
    desk: SendingDesk, file: Path, tmp_path: Path
) -> None:
    file.write_text('case_id;phone\n"A;B";\n=1+1;\nD1;\n', encoding="utf-8")
    campaign_id = create(desk, file).lines[-1]
    printed = run(desk, "campaign", "exclusions", campaign_id).lines
    assert printed == ["line;case_id;reason", '2;"A;B";unknown_case', "3;'=1+1;unknown_case"]
    table = tmp_path / "excluded.csv"
    assert run(desk, "campaign", "exclusions", campaign_id, "--csv", str(table)).lines == []
    assert stat.S_IMODE(table.stat().st_mode) == 0o600
    assert table.read_text("utf-8") == "\ufeff" + "".join(f"{line}\n" for line in printed)


@on_one_database
def test_a_file_that_cannot_be_read_is_refused_with_its_place_and_stores_nothing(
    desk: SendingDesk, file: Path
) -> None:
    before = desk.snapshot()
    for content, sentence in BAD_FILES:
        file.write_bytes(content)
        assert_refused(desk, create(desk, file), sentence, before)
    for path in (file.parent / "none.csv", file.parent):
        assert_refused(desk, create(desk, path), "cannot be read", before)


@on_one_database
def test_what_cannot_be_created_is_refused_in_a_sentence_and_stores_nothing(
    desk: SendingDesk, file: Path
) -> None:
    before = desk.snapshot()
    for change, sentence in (
        (("--template", "debt_contct_1"), 'no template "debt_contct_1". Did you mean'),
        (("--name", " "), "The campaign's name is empty"),
        (("--name", "one\ntwo"), "is not one line"),
        (("--name", "x" * 101), "has 101 characters"),
        (("--name", "Kovács 06 30 123 4567"), "what reads as a telephone number"),
        (("--name", "30/123-4567"), "what reads as a telephone number"),
        (("--by", "vera"), '"vera" is a viewer; only a sender or an admin may do this'),
        (("--by", "bela"), '"bela" is an approver; only a sender or an admin may do this'),
        (("--by", "anne"), 'There is no user "anne". Did you mean "anna"?'),
        (("--form", "bold"), "'bold' is not one of 'soft', 'accented'"),
        (("--debt-register",), "Give either --recipients FILE or --debt-register."),
        (("--overdue-before", "2026-08-01"), "--overdue-before goes with --debt-register only."),
        (("--overdue-before", "1 August"), '"1 August" is not a day. Write it like 2026-11-21.'),
    ):
        assert_refused(desk, create(desk, file, *change), sentence, before)


@on_one_database
def test_a_step_that_is_not_allowed_is_refused_in_a_sentence_with_its_hint(
    desk: SendingDesk, file: Path
) -> None:
    campaign_id = create(desk, file).lines[-1]
    before = desk.snapshot()
    for act, by, sentence in (
        ("approve", "anna", '"anna" is a sender; only an approver or an admin may do this'),
        ("approve", "vera", '"vera" is a viewer'),
        ("start", "anna", f"approves it: zoldszam campaign approve {campaign_id} --by NAME"),
        ("pause", "anna", "is draft: one cannot pause it now"),
        ("resume", "anna", "is draft: one cannot resume it now"),
        ("cancel", "vera", '"vera" is a viewer'),
    ):  # fmt: skip
        said = run(desk, "campaign", act, campaign_id, "--by", by)
        assert_refused(desk, said, sentence, before)
    for act in ("approve", "start", "pause", "resume", "cancel", "rehearse"):
        said = run(desk, "campaign", act, "NONE", "--by", "ada")
        hint = "no telephone" if act == "rehearse" else "See them all: zoldszam campaign list"
        assert_refused(desk, said, hint, before)
    for question in ("status", "exclusions"):
        said = run(desk, "campaign", question, "NONE")
        assert_refused(desk, said, 'There is no campaign "NONE".', before)
    said = run(desk, "campaign", "start", campaign_id, "--at", "tomorrow", "--by", "anna")
    assert_refused(desk, said, '"tomorrow" is not a time. Write it like', before)


def test_scenario_40_a_start_in_a_forbidden_hour_is_refused_with_the_next_permitted_one(
    desk: SendingDesk, file: Path, tmp_path: Path
) -> None:
    campaign_id = create(desk, file).lines[-1]
    run(desk, "campaign", "approve", campaign_id, "--by", "bela")
    before = desk.snapshot()
    truce = tmp_path / "calendar.yaml"
    truce.write_text(
        "days: []\nmoratoria: [{from: 2026-11-24, to: 2026-11-25, reason: holiday truce}]\n"
    )
    for moment, sentence in (
        ("2026-11-23 20:30", "may not start at 2026-11-23 20:30: people are left alone then"),
        ("2026-11-22 12:00", "next permitted time is 2026-11-23 08:00"),
        ("2026-10-23 12:00", "next permitted time is 2026-10-26 08:00"),
        ("2026-11-24 12:00", "there is a moratorium (holiday truce)"),
    ):
        desk.clock.set(moment)
        said = run(desk, "campaign", "start", campaign_id, "--by", "anna", CALENDAR=str(truce))
        assert_refused(desk, said, sentence, before)
    patient = ("--when-permitted", "--by", "anna")
    (told,) = run(desk, "campaign", "start", campaign_id, *patient, CALENDAR=str(truce)).lines
    assert told.endswith("is scheduled and begins on 2026-11-26 08:00.")


@on_one_database
def test_a_setting_that_cannot_be_used_is_named_with_its_hint_and_stores_nothing(
    desk: SendingDesk, file: Path
) -> None:
    draft = desk.draft([1])
    desk.step(lifecycle.approve, draft, "bela")
    before = desk.snapshot()
    for setting, value, sentence in (
        ("CONTACT_HOURS", "mon-fri 8-20", '"8" is not a time of day'),
        ("CONTACT_HOURS", "mon-fri 20:00-08:00", "closes before it opens"),
        ("CONTACT_HOURS", "weekdays", '"weekdays" is not a span of hours'),
        ("SEND_PACE", "fast", "a number above nought and below a million is wanted"),
        ("SEND_PACE", "0", "a number above nought and below a million is wanted"),
        ("SEND_PACE", "nan", "a number above nought and below a million is wanted"),
        ("REMINDER_LIMITS", "1", "a whole number of days from 1 to 36500 is wanted"),
        ("REMINDER_LIMITS", "1/7,2/30", "a whole number of days from 1 to 36500 is wanted"),
        ("REMINDER_LIMITS", "1/9999999", "a whole number of days from 1 to 36500 is wanted"),
        ("REMINDER_LIMITS", "9" * 5000 + "/7", "a whole number from 1 to 1000000000 is wanted"),
        ("REMINDER_LIMITS", " ", "it names no limit"),
        ("FAILURE_SHARE", "20", "a share is written in per cent"),
        ("FAILURE_SHARE", "20%", "a whole number from 1 to 1000000000 is wanted"),
        ("FAILURE_SHARE", "0%/20", "a share is written in per cent"),
        ("VOIP_NUMBERS", "maybe", "it is neither yes nor no"),
        ("TWILIO_API_URL", "api.example.hu", "no address that the carrier could call"),
        ("PUBLIC_URL", "ftp://desk.example.hu", "no address that the carrier could call"),
    ):
        for said in (
            create(desk, file, **{setting: value}),
            run(desk, "campaign", "start", draft, "--by", "anna", **{setting: value}),
        ):
            assert_refused(desk, said, sentence, before)
            assert said.complaint.startswith(f'{setting} is "{value}", which ')
    missing = str(file.parent / "missing.yaml")
    assert_refused(desk, create(desk, file, DESKS=missing), missing, before)
    start = ("campaign", "start", draft, "--by", "anna")
    assert_refused(desk, run(desk, *start, CALENDAR=missing), missing, before)


@on_one_database
def test_a_worker_or_a_reconciler_does_not_start_without_what_it_needs(
    desk: SendingDesk, tmp_path: Path
) -> None:
    before, empty = desk.snapshot(), f"sqlite:///{tmp_path / 'empty.db'}"
    for command, setting, value, sentence in (
        ("worker", "PUBLIC_URL", None, "PUBLIC_URL is not set, so the carrier could not report"),
        ("worker", "TWILIO_ACCOUNT_SID", None, "cannot be sent without TWILIO_ACCOUNT_SID. Set"),
        ("worker", "TWILIO_AUTH_TOKEN", None, "cannot be sent without TWILIO_AUTH_TOKEN. Set"),
        ("worker", "SMS_FROM", None, "cannot be sent without SMS_FROM. Set them;"),
        ("worker", "TWILIO_AUTH_TOKEN", "revoked", "the token may have been revoked"),
        ("worker", "CARRIER_CODES", "/nowhere.yaml", "/nowhere.yaml"),
        ("worker", "BROKER_URL", "somewhere", "BROKER_URL is no address. Write sqlite:///FILE"),
        ("worker", "BROKER_URL", "amqp://rabbit", 'BROKER_URL begins with "amqp:".'),
        ("worker", "SEND_TIMEOUT", "-1", "SEND_TIMEOUT is"),
        ("worker", "CLAIM_LEASE", "a minute", "CLAIM_LEASE is"),
        ("worker", "DATABASE_URL", empty, "zoldszam db upgrade"),
        ("reconcile", "TWILIO_ACCOUNT_SID", None, "cannot be sent without TWILIO_ACCOUNT_SID."),
        ("reconcile", "TWILIO_AUTH_TOKEN", "revoked", "the token may have been revoked"),
        ("reconcile", "TWILIO_API_URL", f"{desk.url}/elsewhere", "answered HTTP 404"),
        ("reconcile", "TWILIO_API_URL", "http://127.0.0.1:9", "ConnectionError"),
        ("reconcile", "RECONCILE_AFTER", "0", "RECONCILE_AFTER is"),
    ):
        said = run(desk, command, **{setting: value})
        assert_refused(desk, said, sentence, before)


def test_a_reconciler_whose_token_was_revoked_leaves_the_unknown_alone(
    desk: SendingDesk, file: Path
) -> None:
    campaign_id = desk.run([1])
    with write(desk.database.engine) as connection:
        unknown = {"state": "unknown", "settled_at": desk.clock(), "attempted_at": desk.clock()}
        connection.execute(update(outbox).values(unknown))
    desk.wait(400)
    said = run(desk, "reconcile", TWILIO_AUTH_TOKEN="revoked")
    assert said.code == 1
    assert said.complaint.startswith("Error: The carrier refuses our credentials (HTTP 401).")
    assert desk.states(campaign_id) == {"unknown": 1}
