"""Staff's requests are complete before they get a thread; files and long answers go through."""

from collections.abc import Iterable, Iterator
from wsgiref.types import StartResponse, WSGIEnvironment
from wsgiref.validate import validator

import pytest

from tests.support.carriers.rsgi import (
    GONE,
    NEVER,
    Awaited,
    Exchange,
    Headers,
    Scope,
    Worker,
    answer,
)
from web_server import page_buffering, request_threads
from web_server.page_buffering import IN_MEMORY, JOINED, MOST_FILES, PageBuffering

MOST = 4 * IN_MEMORY
CHUNKED = ("transfer-encoding", "chunked")


class Application:
    """Says back how much it was given, or a long answer."""

    def __init__(self, answer: Iterable[bytes] | None = None) -> None:
        self.seen: list[bytes] = []
        self.lengths: list[str] = []
        self.is_closed = False
        self._answer = answer

    def __call__(self, environ: WSGIEnvironment, start: StartResponse) -> Iterator[bytes]:
        self.lengths.append(environ.get("CONTENT_LENGTH", ""))
        self.seen.append(environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0)))
        start("200 OK", [("Content-Type", "text/plain")])
        return self._pieces()

    def _pieces(self) -> Iterator[bytes]:
        try:
            yield from self._answer or [str(len(self.seen[-1])).encode()]
        finally:
            self.is_closed = True


def length(number: int) -> tuple[str, str]:
    return ("content-length", str(number))


def served(application: Application, body_seconds: float = 60) -> PageBuffering:
    return PageBuffering(
        validator(application), most_body_bytes=MOST, threads=1, body_seconds=body_seconds
    )


def ask(service: PageBuffering, sent: Exchange, *headers: tuple[str, str]) -> tuple[int, bytes]:
    """The status and the body of the answer."""
    named = Headers([("host", "desk.example.hu"), *headers])
    answer(service, Scope("/campaigns/new", headers=named), sent)
    return sent.answers[0][0], b"".join(body for _, _, body in sent.answers)


def test_a_half_sent_request_is_ended_and_has_used_no_thread() -> None:
    application = Application()
    for headers in ([length(1000)], [CHUNKED]):
        # A file has more time: as much as it needs at the slowest pace that is taken.
        seconds = 0.01 if headers == [length(1000)] else -MOST / page_buffering.SLOWEST
        status, _ = ask(served(application, seconds), Exchange(b"a=", NEVER), *headers)
        assert status == 408
    assert application.seen == []


def test_a_file_comes_whole_whether_its_length_is_announced_or_not() -> None:
    parts = [b"x" * IN_MEMORY, b"y" * IN_MEMORY, b"z"]
    for header in (length(2 * IN_MEMORY + 1), CHUNKED):
        application = Application()
        status, body = ask(served(application), Exchange(*parts), header)
        assert (status, body) == (200, str(2 * IN_MEMORY + 1).encode())
        assert application.seen == [b"".join(parts)]


def test_of_a_form_whose_client_leaves_in_its_middle_nothing_is_done() -> None:
    application = Application()
    sent = Exchange(b"text=The first half of")
    with Worker(served(application)) as worker:
        named = Headers([length(40)])
        worker.begin(Scope("/inbox/1", headers=named), sent).wait()
    assert (application.seen, sent.answers) == ([], [])


def test_a_request_without_a_body_is_one() -> None:
    assert ask(served(Application()), Exchange(NEVER)) == (200, b"0")


def test_while_too_many_wait_for_a_thread_a_request_is_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(request_threads, "CONNECTIONS", 0)
    application = Application()
    for sent, headers in ((Exchange(), []), (Exchange(b"a=1"), [length(3)])):
        assert ask(served(application), sent, *headers)[0] == 503
    assert application.seen == []


def test_what_is_too_large_in_pieces_or_has_no_length_that_can_be_read_is_refused() -> None:
    application = Application()
    for header, status in ((CHUNKED, 413), (("content-length", "²"), 400)):
        assert ask(served(application), Exchange(b"x" * MOST, b"x"), header)[0] == status
    assert application.seen == []


def test_what_is_announced_too_large_is_refused_by_the_application_and_not_read() -> None:
    for header in (length(MOST + 1), ("content-length", "9" * 5000)):
        application = Application()
        assert ask(served(application), Exchange(NEVER), header) == (200, b"0")
        assert application.lengths == [str(MOST + 1)]


def test_few_files_are_on_their_way_at_once_and_pages_are_answered_meanwhile() -> None:
    application = Application()
    service = served(application)
    named = Headers([("host", "desk.example.hu"), length(MOST)])

    scope = Scope("/campaigns/new", headers=named)
    small = Headers([("host", "desk.example.hu"), length(3)])
    missing = [Awaited() for _ in range(MOST_FILES)]
    one_more, page, again = Exchange(b"x" * MOST), Exchange(b"a=1"), Exchange(b"x" * MOST)
    with Worker(service) as worker:
        held = [worker.begin(scope, Exchange(b"x", part, b"x")) for part in missing]
        worker.begin(scope, one_more).wait()
        worker.begin(Scope("/login", headers=small), page).wait()
        for part, request in zip(missing, held, strict=True):
            part.come(worker.loop)
            request.wait()
        worker.begin(scope, again).wait()
    answers = [each.answers[0][0] for each in (one_more, page, again)]
    assert answers == [503, 200, 200]


def test_a_long_answer_goes_out_while_it_is_made() -> None:
    pieces = [bytes([number]) * (JOINED // 2) for number in range(7)]
    application, sent = Application(pieces), Exchange()
    assert ask(served(application), sent) == (200, b"".join(pieces))
    assert len(sent.answers) == 3
    assert application.is_closed


def test_an_answer_ends_when_the_client_has_gone() -> None:
    def endless() -> Iterator[bytes]:
        while True:
            yield b"x" * JOINED

    application, sent = Application(endless()), Exchange(goes_after=2)
    ask(served(application), sent)
    assert len(sent.answers) == 2
    assert application.is_closed


def test_a_client_that_leaves_in_the_middle_of_its_request_reaches_nobody() -> None:
    application, sent = Application(), Exchange(b"a", GONE)
    named = Headers([("host", "desk.example.hu"), length(3)])
    answer(served(application), Scope("/login", headers=named), sent)
    assert (application.seen, sent.answers) == ([], [])


def test_an_error_of_the_application_is_the_servers_to_log() -> None:
    class Failing(Application):
        def __call__(self, environ: WSGIEnvironment, start: StartResponse) -> Iterator[bytes]:
            raise TimeoutError("its own")

    with pytest.raises(TimeoutError, match="its own"):
        ask(served(Failing()), Exchange())
