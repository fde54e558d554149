"""A call recorded from the simulated carrier, to be made again and again by other callers.

Every call has a number of its own: too many calls from one would be locked out
(``ATTEMPTS_UNPROVEN``), and what is measured then is another call.
"""

import re
from typing import NamedTuple

from tests.support.calls.telephone import CALLER, LINE_NUMBER, Clock, Exchange
from tests.support.databases.database import load_fixture, migrated

KEYS = "5 3 1 20293811 210# 1"
"""Path 5.3.1: the last of its seven turns stores a request."""

NOON = "2026-11-21 12:00"

Form = list[tuple[str, str]]

_SENTENCE = re.compile(r"<Say[^>]*>([^<]*)")


class Recorded(NamedTuple):
    """One webhook, and with which words its answer began."""

    url: str
    form: Form
    words: str


def record(database_url: str) -> list[Recorded]:
    """Make one call in this process; the webhooks of its turns."""
    with migrated(database_url) as database:
        load_fixture(database.engine)
        with Exchange(database_url, Clock.at(NOON), time_passes=True) as exchange:
            call = exchange.make_carrier(status_url=None).dial(from_=CALLER, to=LINE_NUMBER)
            for keys in KEYS.split():
                call.type(keys)
            call.hang_up()
    return [
        Recorded(request.url, request.form, first_words(document))
        for request, document in zip(call.requests, call.documents, strict=True)
    ]


def of_call(form: Form, number: int) -> Form:
    """The form as of the call of that number, which nobody has made yet, from its own telephone."""
    caller = f"+3630{1_000_000 + number}"
    own = {"CallSid": f"CA{number:032x}", "From": caller, "Caller": caller}
    return [(name, own.get(name, value)) for name, value in form]


def first_words(document: str) -> str:
    """The first three words of an answer: enough to know it, and nothing of the call or the day."""
    found = _SENTENCE.search(document)
    return " ".join(found[1].split()[:3]) if found else ""
