"""Nothing is dialled but a desk: no caller, record, tree or request can name a number."""

import re
from pathlib import Path

import pytest

from ivr.dialogue.effects import Dial
from ivr.twiml import Links, TwimlRenderer
from settings import HERE

ROOMS = ("api", "backend", "carrier", "common", "console", "ivr", "menus", "messages", "sms")
EDGE = HERE / "ivr" / "twiml.py"
_DIALS = re.compile(r"<(?:Dial|Number|Sip|Client|Conference|Refer|Enqueue|Connect|Sms)\b")


def test_one_file_alone_writes_what_dials() -> None:
    def dials(path: Path) -> bool:
        return _DIALS.search(path.read_text(encoding="utf-8")) is not None

    files = [path for room in ROOMS for path in (HERE / room).rglob("*.py")]
    assert [path for path in [*files, HERE / "app.py"] if dials(path)] == [EDGE]


@pytest.mark.parametrize("named", ["+36901234567", "sip:a@example.hu", 'general"><Sip>x', ""])
def test_a_transfer_names_a_desk_and_no_number(named: str) -> None:
    renderer = TwimlRenderer({}, {}, {"general": "+3612383838"})
    links = Links("/a", "/b", "/c")
    assert b"<Number>+3612383838<" in renderer.document((), Dial("general"), links, "")
    with pytest.raises(KeyError):
        renderer.document((), Dial(named), links, "")
