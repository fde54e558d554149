"""A tree that changes while the service runs: new calls get it, others keep theirs, flaws none."""

import logging
import os
import re
import shutil
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from ivr.lines.reloading import KEEP_EARLIER, LOOK_EVERY
from settings import HERE
from simulator.voice.call import SimulatedCall
from tests.support.calls.telephone import CALLER, LINE_NUMBER, Clock, Exchange
from tests.support.databases.database import Database

OLD = "Üdvözli az ELMŰ-ÉMÁSZ!"
NEW = "Szép napot kíván az ELMŰ-ÉMÁSZ telefonos ügyfélszolgálata."
APOLOGY = "Rendszerünk átmenetileg nem érhető el."
LINES = """\
default: electricity
lines:
  electricity:
    tree: menu_tree.yaml
    prompts: prompts
    numbers: ["+3680202938"]
"""


class Copy:
    """The shipped line in a folder of its own, to be changed under a running service."""

    def __init__(self, folder: Path) -> None:
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        self.tree = folder / "menu_tree.yaml"
        self.words = folder / "prompts" / "hu.yaml"
        self.lines = folder / "lines.yaml"
        shutil.copytree(HERE / "menus" / "prompts", folder / "prompts")
        shutil.copy(HERE / "menu_tree.yaml", self.tree)
        self.lines.write_text(LINES, "utf-8")

    def bend(self, file: Path, old: str, new: str) -> None:
        text = file.read_text("utf-8")
        assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in {file.name}"
        file.write_text(text.replace(old, new), "utf-8")
        # Changes that follow each other at once differ in time on every file system.
        changed = file.stat().st_mtime_ns + 1_000_000
        os.utime(file, ns=(changed, changed))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same place for each test: what is unchanged there has to be published only once."""
    return tmp_path_factory.mktemp("lines") / "line"


@pytest.fixture
def copy(folder: Path) -> Copy:
    return Copy(folder)


@pytest.fixture
def exchange(utility: Database, copy: Copy) -> Iterator[Exchange]:
    clock = Clock.at("2026-11-20 10:00")
    with Exchange(utility.url, clock, settings={"lines": copy.lines}) as exchange:
        yield exchange


def dial(exchange: Exchange) -> SimulatedCall:
    return exchange.carrier.dial(from_=CALLER, to=LINE_NUMBER)


def later(exchange: Exchange, time: timedelta = LOOK_EVERY) -> None:
    exchange.clock.now += time


def errors(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.getMessage() for record in caplog.records if record.levelno >= logging.ERROR]


def test_new_calls_get_a_changed_sentence_and_calls_in_progress_keep_theirs(
    exchange: Exchange, copy: Copy
) -> None:
    before = dial(exchange)
    assert OLD in before.last_heard
    copy.bend(copy.words, OLD, NEW)
    copy.bend(copy.words, "Panaszához, ügyintézőhöz", "Ha panasza van, ügyintézőhöz")
    later(exchange)
    after = dial(exchange)
    assert NEW in after.last_heard
    assert "Ha panasza van" in after.last_heard
    for call, words in ((before, "Panaszához, ügyintézőhöz"), (after, "Ha panasza van")):
        call.press("5")
        call.press("9")
        assert words in call.last_heard
    # Each webhook that comes again is answered from the version of its own call.
    for call in (before, after):
        request, document = call.requests[1], call.documents[1]
        assert call.resend(request).body.decode() == document
    assert before.errors == after.errors == []


def test_a_form_goes_on_over_a_change_and_stores_what_was_read_back(
    exchange: Exchange, copy: Copy
) -> None:
    call = dial(exchange)
    for keys in ("5", "3", "1", "20293811", "210#"):
        call.type(keys)
    read_back = call.last_heard
    copy.bend(copy.words, "A havi részfogyasztás {date:from}", "A havi mennyiség {date:from}")
    later(exchange)
    assert NEW not in dial(exchange).last_heard
    call.press("#")
    assert call.last_heard == read_back
    call.press("1")
    assert "A módosítást rögzítettük" in call.last_heard


def test_a_change_is_looked_for_every_few_seconds_only(exchange: Exchange, copy: Copy) -> None:
    copy.bend(copy.words, OLD, NEW)
    assert OLD in dial(exchange).last_heard
    later(exchange, LOOK_EVERY - timedelta(milliseconds=1))
    assert OLD in dial(exchange).last_heard
    later(exchange, timedelta(milliseconds=1))
    assert NEW in dial(exchange).last_heard


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_change_that_keeps_size_and_time_of_the_file_is_noticed(
    exchange: Exchange, copy: Copy
) -> None:
    changed = "Üdvözli az ELMŰ-ÉMÁSZ."
    before = copy.words.stat()
    copy.bend(copy.words, OLD, changed)
    os.utime(copy.words, ns=(before.st_atime_ns, before.st_mtime_ns))
    after = copy.words.stat()
    assert (after.st_size, after.st_mtime_ns) == (before.st_size, before.st_mtime_ns)
    later(exchange)
    assert changed in dial(exchange).last_heard


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_the_log_tells_which_version_of_which_line_is_live_at_the_start_and_at_a_change(
    utility: Database, copy: Copy, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "ivr.lines.reloading")
    clock = Clock.at("2026-11-20 10:00")
    with Exchange(utility.url, clock, settings={"lines": copy.lines}) as exchange:
        copy.bend(copy.words, OLD, NEW)
        later(exchange)
        dial(exchange)
    told = [
        record.getMessage() for record in caplog.records if record.name == "ivr.lines.reloading"
    ]
    first = re.fullmatch(r"lines for calls: electricity ([0-9a-f]{12})", told[0])
    second = re.fullmatch(
        r"a changed tree is used for new calls: electricity ([0-9a-f]{12})", told[-1]
    )
    assert first is not None
    assert second is not None
    assert first[1] != second[1]


FLAWS = (
    ("menu_tree.yaml", "desk: complaints", "desk: complaint", "unknown-desk"),
    ("menu_tree.yaml", '"5.3": partial_billing', '"5.2": partial_billing', "published-path"),
    ("menu_tree.yaml", "menu: main", "menu: [main", "syntax"),
    ("prompts/hu.yaml", "goodbye: Köszönjük", "good_bye: Köszönjük", "prompt-missing"),
    ("lines.yaml", "default: electricity", "default: water", "is no line"),
)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_change_with_a_flaw_is_refused_with_one_error_and_the_old_one_stays(
    exchange: Exchange, copy: Copy, caplog: pytest.LogCaptureFixture
) -> None:
    for file, old, new, told in FLAWS:
        copy.bend(copy.lines.parent / file, old, new)
        for _ in range(2):
            later(exchange)
            call = dial(exchange)
            assert OLD in call.last_heard
            call.press("5")
            assert call.errors == []
        (error,) = errors(caplog)
        assert error.startswith("the changed tree is not used: ")
        assert told in error
        copy.bend(copy.lines.parent / file, new, old)
        later(exchange)
        assert OLD in dial(exchange).last_heard
        caplog.clear()
    copy.bend(copy.words, OLD, NEW)
    later(exchange)
    assert NEW in dial(exchange).last_heard


def test_another_worker_that_has_not_noticed_yet_goes_on_with_a_new_call(
    exchange: Exchange, copy: Copy
) -> None:
    first, second = exchange.app, exchange.make_app()
    copy.bend(copy.words, "Panaszához, ügyintézőhöz", "Ha panasza van, ügyintézőhöz")
    later(exchange)
    call = dial(exchange)
    exchange.app = second
    call.press("#")
    assert "Ha panasza van" in call.last_heard
    exchange.app = first
    call.press("#")
    assert "Ha panasza van" in call.last_heard
    assert call.errors == []


def test_a_worker_that_never_had_a_calls_version_apologises_and_dials_a_person(
    exchange: Exchange, copy: Copy, caplog: pytest.LogCaptureFixture
) -> None:
    call = dial(exchange)
    copy.bend(copy.words, OLD, NEW)
    exchange.restart()
    call.press("5")
    assert APOLOGY in call.last_heard
    assert [re.sub(r"CA\w+", "CA…", error)[:45] for error in errors(caplog)] == [
        "call CA… failed: TranscriptMismatchError at c"
    ]


def test_a_version_that_was_replaced_is_kept_as_long_as_calls_can_last(
    exchange: Exchange, copy: Copy
) -> None:
    calls = {}
    for greeting in ("Első", "Második", "Harmadik"):
        old = copy.words.read_text("utf-8").split("welcome: ")[1].split("\n")[0]
        copy.bend(copy.words, f"welcome: {old}", f"welcome: {greeting}.")
        later(exchange)
        calls[greeting] = dial(exchange)
    for greeting, call in calls.items():
        assert f"{greeting}." in call.last_heard
        call.press("#")
        assert call.errors == []
    later(exchange, KEEP_EARLIER)
    copy.bend(copy.words, "welcome: Harmadik", "welcome: Negyedik")
    dial(exchange)
    calls["Első"].press("5")
    assert APOLOGY in calls["Első"].last_heard
    calls["Harmadik"].press("5")
    assert "Mérőállás bejelentéséhez" in calls["Harmadik"].last_heard


def test_a_tree_that_moves_a_menu_moves_it_for_new_calls_only(
    exchange: Exchange, copy: Copy
) -> None:
    before = dial(exchange)
    text = copy.tree.read_text("utf-8")
    copy.tree.write_text(text.replace('"2": {form: self_reading_switch', '"9": {form: x'), "utf-8")
    later(exchange)
    assert OLD in dial(exchange).last_heard, "a reserved key is a flaw"
    copy.tree.write_text(text.replace("menu: readings", "menu: readings\n    timeout: 9"), "utf-8")
    later(exchange)
    after = dial(exchange)
    for call, timeout in ((before, "6"), (after, "9")):
        call.press("5")
        assert (call.gather or {})["timeout"] == timeout
