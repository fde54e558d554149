"""``zoldszam template``, ``user``, ``stop`` and ``task``, as staff type them."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import insert, select

from backend.db.tables.messages import campaigns, outbox
from backend.db.tables.records import debts
from backend.db.transactions import read, write
from backend.records.suppression.stops import stopped_for
from backend.staff.authentication.password_check import verify_password
from backend.staff.users import phones_of
from cli import commands
from messages.campaigns.template_library import find_template
from sms.replies import Reply, take_reply
from tests.support.colleagues.staff import NOW, acts_of, add_staff, colleague
from tests.support.databases.database import Database
from tests.support.runs.tables import each_of

WINDOW = "Megnyílt az időszak. Hívja: 06 80 202 938, 5-ös gomb, majd tegye le. {company}"


def run(database: Database, *arguments: str, text: str = "") -> Result:
    environment = {"DATABASE_URL": database.url}
    result = CliRunner().invoke(commands, arguments, env=environment, input=text)
    assert result.exception is None or isinstance(result.exception, SystemExit)
    return result


def lines_of(result: Result) -> list[str]:
    assert result.exit_code == 0, result.output
    return result.stdout.splitlines()


def add_campaign(database: Database, campaign_id: str, state: str, phone: str) -> None:
    with write(database.engine) as connection:
        template = find_template(connection, "debt_contact_1", now=NOW)
        row = {
            "campaign_id": campaign_id,
            "name": campaign_id,
            "kind": "debt",
            "template": template.name,
            "template_version": template.version,
            "message": template.text,
            "segments": 1,
            "state": state,
            "source": "debts.csv",
            "source_rows": 1,
            "recipients": 1,
            "created_at": NOW,
            "created_by": "anna",
        }
        connection.execute(insert(campaigns), row)
        connection.execute(insert(outbox), {"campaign_id": campaign_id, "line": 2, "phone": phone})


def outcomes(database: Database) -> dict[str, tuple[str, str | None]]:
    found = select(outbox.c.campaign_id, outbox.c.state, outbox.c.reason)
    with read(database.engine) as connection:
        return {row.campaign_id: (row.state, row.reason) for row in connection.execute(found)}


def test_scenario_38_a_shown_template_tells_its_cost_and_the_saving(database: Database) -> None:
    lines = lines_of(run(database, "template", "show", "debt_contact_1"))
    assert lines[:3] == [
        "debt_contact_1, version 1, shipped",
        "kind      debt",
        "used by   no campaign",
    ]
    assert lines[3].startswith("text      Tisztelt Ügyfelünk! Számlaügyben")
    assert lines[4] == "accented  UCS-2, 3 segments (158 units, room for 43 more)"
    assert lines[5] == (
        "soft      GSM-7, 1 segment (158 septets, room for 2 more); saves 2 segments a message"
    )
    assert lines[6].endswith("+36 1 238 2919, hatralekkezeles@elmu.hu. Ha rendezte, nincs teendöje."
        " Nem Önt érinti? Jelezze! ELMU-EMASZ")  # fmt: skip


@each_of(
    ("text", "told"),
    [
        ("é" * 160, ["accented  GSM-7, 1 segment (160 septets, room for 0 more)"]),
        ("é" * 161, ["accented  GSM-7, 2 segments (161 septets, room for 145 more)"]),
        ("é", ["soft      GSM-7, 1 segment (1 septet, room for 159 more); costs the same"]),
        ("~", ["accented  GSM-7, 1 segment (2 septets, room for 158 more)"]),
        ("á" * 70, ["accented  UCS-2, 1 segment (70 units, room for 0 more)"]),
        ("á" * 71, ["accented  UCS-2, 2 segments (71 units, room for 63 more)", "saves 1 segment"]),
        ("“á”", ["soft      UCS-2, 1 segment (3 units", "kept out of GSM-7 by “ ”"]),
    ],
)  # fmt: skip
def test_scenario_38_one_letter_more_flips_the_count(
    database: Database, text: str, told: list[str]
) -> None:
    with write(database.engine) as connection:
        colleague(connection)
    save = ("template", "save", "t", "-", "--kind", "service", "--by", "anna")
    assert run(database, *save, text=text).exit_code == 0
    output = run(database, "template", "show", "t").output
    for words in told:
        assert words in output


def test_a_template_is_saved_listed_and_shown_in_its_versions(
    database: Database, tmp_path: Path
) -> None:
    add_staff(database.engine, anna="sender")
    file = tmp_path / "text.txt"
    file.write_text(WINDOW + "\n", "utf-8")
    save = ("template", "save", "idoszak", str(file), "--by", "anna")
    refused = run(database, *save)
    assert refused.exit_code == 1
    assert "    Megnyílt az időszak. Hívja" in refused.stderr
    first = lines_of(run(database, *save, "--kind", "service"))
    assert first == [
        "idoszak: version 1. As written UCS-2, 2 segments; in GSM-7 spelling GSM-7, 1 segment."
    ]
    file.write_text(f"{WINDOW}!", "utf-8")
    # The kind is that of the name from now on.
    assert lines_of(run(database, *save))[0].startswith("idoszak: version 2.")
    listed = lines_of(run(database, "template", "list"))
    assert any(
        " ".join(line.split()).startswith("idoszak service version 2, saved 20")
        and line.endswith(" by anna")
        for line in listed
    )
    assert "debt_contact_1 debt version 1, shipped" in [" ".join(line.split()) for line in listed]
    shown = lines_of(run(database, "template", "show", "idoszak", "--version", "1"))
    assert "lines     +36 80 202 938" in shown
    assert f"text      {WINDOW}" in shown


def test_a_template_may_declare_a_line_of_its_own(database: Database) -> None:
    add_staff(database.engine, anna="sender")
    save = ("template", "save", "t", "-", "--kind", "service", "--by", "anna")
    text = "Hívja: 06 46 535 535. {company}"
    assert run(database, *save, text=text).exit_code == 1
    assert run(database, *save, "--line", "06-46/535-535", text=text).exit_code == 0
    assert "lines     +36 46 535 535" in run(database, "template", "show", "t").output


def test_a_template_tells_how_many_campaigns_were_made_from_it(database: Database) -> None:
    add_campaign(database, "K1", "draft", "+36301234567")
    assert "used by   1 campaign\n" in run(database, "template", "show", "debt_contact_1").output


def test_a_template_that_there_is_not_ends_with_1(database: Database) -> None:
    result = run(database, "template", "show", "debt_contct_1")
    assert result.exit_code == 1
    assert 'There is no template "debt_contct_1". Did you mean "debt_contact_1"?' in result.stderr


def test_a_template_is_checked_without_any_database() -> None:
    nowhere = {"DATABASE_URL": "postgresql://127.0.0.1:1/none"}
    text = "Hívja: {desk_phone}, {desk_email}. Nyitva: H-P 8-16."
    result = CliRunner().invoke(commands, ["template", "check", "-"], input=text, env=nowhere)
    assert result.exit_code == 0, result.output


def test_a_desk_file_without_messages_is_told_in_a_sentence(tmp_path: Path) -> None:
    desks = tmp_path / "desks.yaml"
    desks.write_text(
        'desks: {a: {number: "+3612383838", hours: ["mon-fri 08:00-20:00"]}}\n'
        "reachable: {desk: a, hours: 12, between: 07:00-21:00}\n",
        "utf-8",
    )
    environment = {"DESKS": str(desks)}
    result = CliRunner().invoke(commands, ["template", "check", "-"], input="x", env=environment)
    assert result.exit_code == 1
    assert result.stderr.startswith(f"{desks}: messages: is missing. Add it")


def test_a_user_is_added_listed_renewed_and_removed(database: Database) -> None:
    assert "There are no users. Add one:" in run(database, "user", "list").output
    added = run(database, "user", "add", "anna", "--role", "sender", "--phone", "06 30 123 4567")
    password = lines_of(added)[-1]
    assert verify_password(database.engine, "anna", password) is not None
    again = run(database, "user", "add", "anna", "--role", "admin")
    assert again.exit_code == 1
    assert "zoldszam user password anna" in again.stderr
    head, anna = lines_of(run(database, "user", "list"))
    assert head.split() == ["name", "role", "phone", "added", "password"]
    assert anna.startswith("anna  sender  +36 30 *** **67  ")
    assert anna.endswith("one-time")
    renewed = lines_of(run(database, "user", "password", "anna"))[-1]
    assert verify_password(database.engine, "anna", password) is None
    assert verify_password(database.engine, "anna", renewed) is not None
    assert lines_of(run(database, "user", "remove", "anna")) == [
        "anna is disabled. Should they come back: zoldszam user enable anna"
    ]
    assert (
        "names are not used again"
        in run(database, "user", "add", "Anna", "--role", "approver").output
    )
    enabled = lines_of(run(database, "user", "enable", "anna"))
    assert enabled[0] == "anna is enabled. The one-time password, which is not shown again:"
    assert lines_of(run(database, "user", "role", "anna", "approver")) == [
        "anna is approver from now on."
    ]
    lines_of(run(database, "user", "remove", "anna"))
    assert " disabled 20" in run(database, "user", "list").output
    assert run(database, "user", "remove", "nobody").exit_code == 1


def test_a_user_is_linked_to_the_identity_provider_and_unlinked(database: Database) -> None:
    add_staff(database.engine, anna="sender", vera="viewer")
    issuer = ("--issuer", "https://login.example.hu")
    link = ("user", "link", "anna", "7f3c", *issuer)
    for _twice in range(2):
        assert lines_of(run(database, *link)) == [
            "anna can log in by https://login.example.hu from now on."
        ]
    for refused, hint in (
        (("user", "link", "vera", "7f3c", *issuer), "zoldszam user unlink anna"),
        (("user", "link", "anna", "8a1b", *issuer), "zoldszam user unlink anna"),
        (("user", "link", "vera", "é", *issuer), "ASCII"),
        (("user", "unlink", "vera", *issuer), "zoldszam user link vera SUBJECT"),
        (("user", "link", "anna", "7f3c"), "--issuer"),
    ):
        result = run(database, *refused)
        assert result.exit_code != 0
        assert hint in result.stderr
    assert lines_of(run(database, "user", "unlink", "anna", *issuer)) == [
        "anna cannot log in by https://login.example.hu any more."
    ]


@pytest.mark.both_databases
def test_scenario_39_who_calls_is_stopped_at_once_and_a_colleague_checks(
    utility: Database,
) -> None:
    add_staff(utility.engine, anna="sender", vera="viewer")
    with read(utility.engine) as connection:
        phone = str(connection.scalars(select(debts.c.phone).order_by(debts.c.case_id)).first())
    add_campaign(utility, "draft", "draft", phone)
    add_campaign(utility, "running", "running", phone)
    add_campaign(utility, "done", "done", phone)
    written = f"06{phone.removeprefix('+36')}"
    stop = ("stop", "add", written, "--reason", "wrong_addressee", "--origin", "call")
    refused = run(utility, *stop, "--by", "vera")
    assert refused.exit_code == 1
    assert '"vera" is a viewer' in refused.stderr
    (told,) = lines_of(run(utility, *stop, "--by", "anna"))
    assert told.endswith("** is stopped: wrong_addressee.".replace("**", phone[-2:]))
    assert phone not in told
    suppressed = ("suppressed", "wrong_addressee")
    assert outcomes(utility) == {
        "draft": suppressed,
        "running": suppressed,
        "done": ("queued", None),
    }
    assert "stopped already" in run(utility, *stop, "--by", "anna").output
    (checked,) = lines_of(run(utility, "stop", "check", written))
    assert "is stopped: wrong_addressee, 20" in checked
    assert checked.endswith("by call.")
    head, task = lines_of(run(utility, "task", "list"))
    assert head.split() == ["number", "kind", "opened", "phone", "outcome"]
    assert "verify_wrong_addressee" in task
    assert phone[-7:] not in task.replace(" ", "")
    number = task.split()[0]
    assert run(utility, "task", "show", number, "--by", "vera").exit_code == 1
    assert f"phone     {phone}" in lines_of(run(utility, "task", "show", number, "--by", "anna"))
    done = ("task", "done", number, "--by", "anna", "--outcome", "deleted")
    assert lines_of(run(utility, *done)) == [f"Task {number} is finished: deleted."]
    assert run(utility, *done).exit_code == 1
    assert lines_of(run(utility, "task", "list")) == ["Nothing waits."]
    assert lines_of(run(utility, "task", "list", "--all"))[1].endswith("deleted")
    with read(utility.engine) as connection:
        assert stopped_for(connection, phone) == "wrong_addressee"
        assert phone not in connection.scalars(select(debts.c.phone)).all()
    recorded = acts_of(utility.engine)
    assert [act for _, act, _, _ in recorded if act.startswith(("stop", "task"))] == [
        "stop add",
        "stop add",
        "task show",
        "task finish",
    ]
    assert phone not in str(recorded)


@pytest.mark.parametrize(
    "written", ["06 30 123 456", "+3630123456", "06 30 123 45678", "06 1 234 56"]
)
def test_a_number_with_a_digit_missing_is_not_stopped(database: Database, written: str) -> None:
    add_staff(database.engine, anna="sender")
    before = acts_of(database.engine)
    refused = run(database, "stop", "add", written, "--reason", "opted_out", "--by", "anna")
    assert refused.exit_code == 2
    assert written in refused.stderr
    assert run(database, "user", "phone", "anna", written).exit_code == 2
    assert run(database, "stop", "check", written).exit_code in (1, 2)
    assert acts_of(database.engine) == before


@pytest.mark.parametrize("written", ["+43 664 1234567", "06 1 234 5678", "+44 20 7946 0958"])
def test_foreign_numbers_and_landlines_can_be_stopped(database: Database, written: str) -> None:
    add_staff(database.engine, anna="sender")
    added = run(database, "stop", "add", written, "--reason", "opted_out", "--by", "anna")
    assert "is stopped: opted_out" in added.stdout


def test_a_stop_is_taken_back_by_its_reason(database: Database) -> None:
    add_staff(database.engine, anna="sender", bela="approver")
    assert "+36 30 *** **67 is not stopped." in run(database, "stop", "check", "301234567").output
    act = ("06-30/123-4567", "--reason", "opted_out", "--by", "anna")
    assert run(database, "stop", "add", *act).exit_code == 0
    assert run(database, "stop", "remove", *act[:-1], "bela").exit_code == 1
    assert lines_of(run(database, "stop", "remove", *act)) == [
        "+36 30 *** **67 is not stopped any more: opted_out."
    ]
    assert "was not stopped" in run(database, "stop", "remove", *act).output
    assert lines_of(run(database, "task", "list")) == ["Nothing waits."]
    acts = [act for _, act, _, _ in acts_of(database.engine)]
    assert acts.count("stop remove") == 1


@pytest.mark.parametrize("number", ["anya", "12"])
def test_a_number_that_is_none_is_told_how_to_be_written(database: Database, number: str) -> None:
    result = run(database, "stop", "check", number)
    assert result.exit_code == 2
    assert f'"{number}" ' in result.stderr


def test_a_task_that_there_is_not_is_told_where_to_look(database: Database) -> None:
    add_staff(database.engine, anna="sender")
    result = run(database, "task", "show", "7", "--by", "anna")
    assert result.exit_code == 1
    assert "There is no task 7. List the open ones: zoldszam task list" in result.stderr


def test_a_colleague_gets_a_phone_for_rehearsals_later(database: Database) -> None:
    add_staff(database.engine, anna="sender")
    lines_of(run(database, "user", "phone", "anna", "06 30 111 2222"))
    with read(database.engine) as connection:
        assert phones_of(connection, ["anna"]) == ["+36301112222"]
    assert run(database, "user", "phone", "bela", "06 30 111 2222").exit_code == 1
    assert run(database, "user", "phone", "anna", "anyu").exit_code == 2


def test_what_a_stranger_writes_neither_moves_the_terminal_nor_forges_a_line(
    database: Database,
) -> None:
    add_staff(database.engine, anna="sender")
    said = (
        "\x1b[2J\x1b[1;31mHívjon\nfinished  2026-11-28 by anna: done\u202e",
        "",
        "Mikor jönnek?",
    )
    with write(database.engine) as connection:
        for number, body in enumerate(said):
            reply = Reply(f"SM{number}", "+36301234567", body, pictures=int(not body))
            take_reply(connection, reply, {}, NOW)
        take_reply(connection, Reply("SM9", "Bank\x1b]0;x\x07", "pénz"), {}, NOW)
    listed = run(database, "task", "list").output
    assert listed.splitlines()[1].endswith("3 messages")
    shown = run(database, "task", "show", "1", "--by", "anna").output
    foreign = run(database, "task", "show", "2", "--by", "anna").output
    assert "\x1b" not in listed + shown + foreign
    assert "\u202e" not in shown
    replies = [line for line in shown.splitlines() if line.startswith("reply")]
    assert r"\x1b[2J\x1b[1;31mHívjon\nfinished  2026-11-28 by anna: done\u202e" in replies[0]
    assert replies[1].endswith("(no words, but 1 picture; at the carrier: SM1)")
    assert replies[2].endswith("Mikor jönnek?")
    assert r"phone     Bank\x1b]0;x\x07" in foreign.splitlines()
    assert "finished" not in {line.split()[0] for line in shown.splitlines()}


@pytest.mark.parametrize("written", ["06301234567;06201234567", "06301234567#12", "tel:0630;ext=1"])
def test_no_door_of_the_command_line_takes_a_second_number_for_an_extension(
    database: Database, written: str
) -> None:
    stop = ("stop", "add", written, "--reason", "wrong_addressee", "--origin", "call")
    user = ("user", "add", "cili", "--role", "sender", "--phone", written)
    for command in ((*stop, "--by", "anna"), user):
        result = run(database, *command)
        assert result.exit_code == 2
        assert "is not one telephone number" in " ".join(result.output.replace("│", " ").split())


def test_a_text_that_the_carrier_would_not_take_is_neither_checked_nor_saved(
    database: Database,
) -> None:
    add_staff(database.engine, anna="sender")
    text = "Kérjük, hívja: {desk_phone}, {desk_email}. " + "Köszönjük. " * 200
    checked = run(database, "template", "check", "-", text=text)
    saved = run(database, "template", "save", "long", "-", "--by", "anna", text=text)
    for refused in (checked, saved):
        assert refused.exit_code == 1
        assert "the carrier takes 1,600" in refused.output
        assert len(refused.output) < 300
