"""Readings that come by message: the same rules as by telephone, and answers without ids."""

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime

import pytest
from sqlalchemy import select

from backend.db.tables.messages import inbound_messages
from backend.db.transactions import read, write
from backend.records.notices.extra_windows import add_window
from backend.records.work_list.task_list import list_tasks
from messages.content.gsm_encoding import soften
from sms.reading_replies import Answer, ReadingReplies
from sms.replies import MOST_REFUSED_READINGS, Reply, take_reply
from tests.support.calls.telephone import Clock, Exchange
from tests.support.carriers.writer import Writer
from tests.support.colleagues.staff import colleague
from tests.support.databases.database import Database
from tests.support.databases.records import budapest, ledger
from tests.support.runs.examples import few

NOW = "2026-11-21 10:00"
TODAY = date(2026, 11, 21)


@pytest.fixture
def writer(utility: Database) -> Iterator[Writer]:
    with Exchange(utility.url, Clock.at(NOW)) as exchange:
        writer = Writer(utility, exchange)
        yield writer
        writer.close()


def test_a_reading_is_stored_and_answered_with_its_receipt_and_no_id(writer: Writer) -> None:
    told = writer.writes("ALLAS 20293811 48213377 41530")
    [stored] = ledger(writer.database.engine)
    assert (stored.kind, stored.channel, stored.data["value"]) == ("meter_reading", "sms", 41530)
    assert stored.effective_from in (None, date(2026, 11, 21))
    assert f"{stored.receipt[:4]}-{stored.receipt[4:]}" in told
    assert soften("A mérőállást rögzítettük: 41530 kWh.") in told
    assert not re.search("20293811|48213377", told)


@pytest.mark.parametrize(
    "body",
    few(
        [
            "állás 20293811 48213377 41530",
            "Mérőállás: 20293811; 48213377; 41530,7",
            "allas.20293811.48213377.41530",
            "ALLAS 20293811#0048213377#041530#",
            "ALLAS 20293811 48213377 41 530",
            "ALLAS 20293811 48213377 41\u00a0530 kWh",
            "ALLAS 20293811 48213377 41530kWh.",
            "állás 20293811 48213377 41.530,4 kWh",
            "állás 20293811 48213377 41530,412",
        ],
        5,
    ),
)
def test_case_accents_separators_and_decimals_do_not_matter(writer: Writer, body: str) -> None:
    writer.writes(body)
    assert [request.data["value"] for request in ledger(writer.database.engine)] == [41530]


def test_both_registers_of_a_meter_come_in_one_message(writer: Writer) -> None:
    told = writer.writes("ALLAS 20293899 48213401 N 12190 E 8095")
    stored = ledger(writer.database.engine)
    assert [request.data["register"] for request in stored] == ["1.8.1", "1.8.2"]
    assert told.count("Visszaigazoló") + told.count("Visszaigazolo") == 2
    assert soften("nappali mérőállást rögzítettük: 12190 kWh") in told
    assert soften("éjszakai mérőállást rögzítettük: 8095 kWh") in told


def test_registers_are_understood_by_their_names_and_with_spaces_in_numbers(
    writer: Writer,
) -> None:
    writer.writes("Állás 20293899 48213401 nappali: 12 190 kWh, éjszakai: 8 095 kWh")
    assert [request.data["value"] for request in ledger(writer.database.engine)] == [12190, 8095]


@pytest.mark.parametrize("value", ["41.530", "41,530", "1.050", "41.530 kWh"])
def test_three_figures_behind_a_point_are_sent_back_and_count_nothing(
    writer: Writer, value: str
) -> None:
    for _ in range(3):
        assert soften("pont és vessző nélkül") in writer.writes(f"ALLAS 20293811 48213377 {value}")
    assert ledger(writer.database.engine) == []
    assert "41530 kWh" in writer.writes("ALLAS 20293811 48213377 41530")


def test_the_controlled_meter_is_named_in_the_answer(writer: Writer) -> None:
    assert soften("vezérelt mérő állását") in writer.writes("ALLAS 20293899 48213402 3050")


def test_values_that_do_not_fit_the_meter_are_not_stored(writer: Writer) -> None:
    assert "nem tudtuk" in writer.writes("ALLAS 20293811 48213377 N 41530 E 20100")
    assert ledger(writer.database.engine) == []


def test_a_value_far_above_the_usual_is_taken_when_it_comes_again(writer: Writer) -> None:
    assert "magasabb" in writer.writes("ALLAS 20293811 48213377 42900")
    assert ledger(writer.database.engine) == []
    writer.writes("ALLAS 20293811 48213377 42900")
    [stored] = ledger(writer.database.engine)
    assert stored.flags == ("high",)


@pytest.mark.parametrize("value", ["41100", "61530", "415300"])
def test_a_value_that_cannot_be_is_for_people(writer: Writer, value: str) -> None:
    told = writer.writes(f"ALLAS 20293811 48213377 {value}")
    assert "+36 1 238 3838" in told
    assert ledger(writer.database.engine) == []


def test_which_part_was_wrong_is_not_told(writer: Writer) -> None:
    wrong_site = writer.writes("ALLAS 20293810 48213377 41530")
    wrong_serial = writer.writes("ALLAS 20293811 48213378 41530")
    assert wrong_site == wrong_serial
    assert ledger(writer.database.engine) == []


def test_ids_cannot_be_tried_by_message(writer: Writer) -> None:
    for serial in range(48213300, 48213310):
        assert "nem tudtuk" in writer.writes(f"ALLAS 20293811 {serial} 41530")
    assert "Visszaigazol" not in writer.writes("ALLAS 20293811 48213377 41530")
    assert ledger(writer.database.engine) == []


def test_fifteen_forged_senders_do_not_shut_the_customers_number_out(writer: Writer) -> None:
    for number in range(10, 25):
        writer.writes("ALLAS 20293811 11111111 41530", f"+367012345{number}")
    assert "nem tudtuk" in writer.writes("ALLAS 20293811 48213377 41530", "+36209999999")
    assert "Visszaigazol" in writer.writes("ALLAS 20293811 48213377 41530")
    with read(writer.database.engine) as connection:
        assert [task.kind for task in list_tasks(connection)] == ["identification_locked"]


def test_outside_the_window_nothing_is_stored(writer: Writer) -> None:
    writer.exchange.clock.set("2026-11-26 10:00")
    assert "Most nem tudunk" in writer.writes("ALLAS 20293811 48213377 41530")
    assert ledger(writer.database.engine) == []


def test_a_reading_in_an_extra_window_follows_that_of_the_sites_own(writer: Writer) -> None:
    with write(writer.database.engine) as connection:
        add_window(
            connection,
            "11",
            date(2026, 12, 27),
            date(2026, 12, 31),
            colleague(connection),
            now=budapest(NOW.replace(" ", "T")),
        )
    writer.writes("ALLAS 20293811 48213377 41500")
    writer.exchange.clock.set("2026-12-29 10:00")
    assert "nem illik" in writer.writes("ALLAS 20293811 48213377 41400")
    writer.writes("ALLAS 20293811 48213377 41600")
    stored = [(each.data["value"], each.flags) for each in ledger(writer.database.engine)]
    assert stored == [(41500, ()), (41600, ())]


def test_a_reading_in_both_windows_does_not_replace_the_extra_windows(writer: Writer) -> None:
    with write(writer.database.engine) as connection:
        add_window(
            connection,
            "11",
            date(2026, 12, 15),
            date(2026, 12, 20),
            colleague(connection),
            now=budapest(NOW.replace(" ", "T")),
        )
    writer.exchange.clock.set("2026-12-16 10:00")
    writer.writes("ALLAS 20293811 48213377 41500")
    writer.exchange.clock.set("2026-12-19 10:00")
    writer.writes("ALLAS 20293811 48213377 41530")
    assert [each.flags for each in ledger(writer.database.engine)] == [(), ()]


def test_a_message_that_is_badly_written_is_told_how(writer: Writer) -> None:
    assert "ALLAS" in writer.writes("állás 41530")


def test_nothing_that_was_written_is_kept(writer: Writer) -> None:
    writer.writes("ALLAS 20293811 48213377 41530")
    writer.writes("ALLAS 20293811 48213377 42900")
    with read(writer.database.engine) as connection:
        bodies = connection.scalars(select(inbound_messages.c.body)).all()
    assert not any(re.search("20293811|48213377|41530|42900", body) for body in bodies)


def test_what_only_says_what_is_wrong_is_said_ten_times_a_day(writer: Writer) -> None:
    answers = [writer.writes("ALLAS") for _ in range(30)]
    assert MOST_REFUSED_READINGS == 10
    assert all("ALLAS" in answer for answer in answers[:10])
    assert answers[10:] == [""] * 20
    assert "ALLAS" in writer.writes("ALLAS", "+36301234568")
    writer.exchange.clock.set("2026-11-22 09:59")
    assert writer.writes("ALLAS") == ""
    writer.exchange.clock.set("2026-11-22 10:00")
    assert "ALLAS" in writer.writes("ALLAS")


def test_every_refusal_is_one_of_the_ten(writer: Writer) -> None:
    writer.writes("ALLAS 20293811 48213377 41100")  # doubtful
    writer.writes("ALLAS 20293810 48213377 41530")  # refused
    for _ in range(MOST_REFUSED_READINGS - 2):
        writer.writes("ALLAS")
    assert writer.writes("ALLAS 20293811 48213377 41100") == ""
    writer.exchange.clock.set("2026-11-26 10:00")
    for _ in range(MOST_REFUSED_READINGS):
        assert "Most nem tudunk" in writer.writes("ALLAS 20293811 48213377 41530")
    assert writer.writes("ALLAS 20293811 48213377 41530") == ""


def test_a_receipt_and_a_value_to_send_again_are_told_after_any_number_of_refusals(
    writer: Writer,
) -> None:
    for _ in range(MOST_REFUSED_READINGS + 1):
        writer.writes("ALLAS")
    assert "magasabb" in writer.writes("ALLAS 20293811 48213377 42900")
    assert "Visszaigazol" in writer.writes("ALLAS 20293811 48213377 42900")
    assert "Visszaigazol" in writer.writes("ALLAS 20293811 48213377 41530")
    assert writer.writes("ALLAS") == ""


def test_a_receipt_is_none_of_the_ten(writer: Writer) -> None:
    for value in range(41500, 41500 + MOST_REFUSED_READINGS + 1):
        assert "Visszaigazol" in writer.writes(f"ALLAS 20293811 48213377 {value}")
    assert "ALLAS" in writer.writes("ALLAS")


def test_what_is_not_answered_is_judged_all_the_same(writer: Writer) -> None:
    for _ in range(MOST_REFUSED_READINGS):
        writer.writes("ALLAS")
    tried = [
        writer.writes(f"ALLAS 20293811 {serial} 41530") for serial in range(48213300, 48213311)
    ]
    assert set(tried) == {""}
    # So many tries have locked the number.
    assert writer.writes("ALLAS 20293811 48213377 41530") == ""
    assert ledger(writer.database.engine) == []
    with read(writer.database.engine) as connection:
        answered = connection.scalars(select(inbound_messages.c.acknowledged)).all()
    assert (len(answered), sum(answered)) == (MOST_REFUSED_READINGS + 12, MOST_REFUSED_READINGS)


class Refusing(ReadingReplies):
    """Refuses every reading; how they are judged is proved above."""

    def __init__(self) -> None:
        """Needs no records."""

    def take(self, *_given: object) -> Answer:
        return Answer("Kérjük, igy küldje.", only_refuses=True)


@pytest.mark.both_databases
def test_not_more_are_told_when_all_are_written_at_once(database: Database) -> None:
    now = datetime(2026, 11, 21, 9, tzinfo=UTC)

    def write_wrongly(number: int) -> bool:
        reply = Reply(f"SM{number}", "+36301234567", "ALLAS")
        with write(database.engine) as connection:
            told = take_reply(connection, reply, {}, now, Refusing())
        return told is not None and told.acknowledgement is not None

    with ThreadPoolExecutor(8) as threads:
        told = list(threads.map(write_wrongly, range(3 * MOST_REFUSED_READINGS)))
    assert sum(told) == MOST_REFUSED_READINGS
