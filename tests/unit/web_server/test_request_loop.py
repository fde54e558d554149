"""Requests go on in threads, where threads are free, and those that wait too long end."""

from collections.abc import Callable
from threading import Event, get_ident
from typing import Any

import pytest

from tests.support.carriers.rsgi import Awaited, Exchange, Request, Scope, Worker
from web_server import request_threads
from web_server.request_loop import OverloadError, RequestLoop, in_a_thread, within
from web_server.request_threads import RequestThreads


class Service:
    """Answers each request by a function of its own."""

    def __init__(self, handle: Callable[[Any], Any], threads: int = 2) -> None:
        self._handle = handle
        self._threads = threads

    def __rsgi_init__(self, loop: RequestLoop) -> None:
        loop.work_with(RequestThreads(self._threads))

    async def __rsgi__(self, scope: Any, protocol: Any) -> None:
        await self._handle(scope)


def begin(worker: Worker, path: str = "/") -> Request:
    return worker.begin(Scope(path), Exchange())


def test_a_request_that_waits_has_no_thread_and_goes_on_in_one_when_its_body_is_there() -> None:
    bodies = [Awaited() for _ in range(5)]
    went_on_in: list[int] = []

    async def handle(scope: Any) -> None:
        if scope.path != "/":
            await bodies[int(scope.path[1:])]
        await in_a_thread()
        went_on_in.append(get_ident())

    with Worker(Service(handle, threads=1)) as worker:
        waiting = [begin(worker, f"/{number}") for number in range(5)]
        begin(worker).wait()
        assert not any(request.is_over.is_set() for request in waiting)
        for body, request in zip(bodies, waiting, strict=True):
            body.come(worker.loop)
            request.wait()
    assert len(went_on_in) == 6
    assert len(set(went_on_in)) == 1
    assert get_ident() not in went_on_in


def test_requests_that_block_are_worked_on_at_once_and_the_others_as_threads_get_free() -> None:
    released, begun = Event(), [Event() for _ in range(4)]

    async def handle(scope: Any) -> None:
        await in_a_thread()
        begun[int(scope.path[1:])].set()
        released.wait(10)

    with Worker(Service(handle, threads=2)) as worker:
        requests = [begin(worker, f"/{number}") for number in range(4)]
        assert all(each.wait(10) for each in begun[:2])
        assert not any(each.is_set() for each in begun[2:])
        released.set()
        for request in requests:
            request.wait()


def test_more_requests_than_there_are_clients_who_wait_are_told_so_without_a_thread(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(request_threads, "CONNECTIONS", 2)
    body, begun, released = Awaited(), Event(), Event()
    told: list[str] = []

    async def handle(scope: Any) -> None:
        try:
            if scope.path == "/body":
                await body
            await in_a_thread()
        except OverloadError:
            told.append(scope.path)
            return
        begun.set()
        released.wait(10)

    with Worker(Service(handle, threads=1)) as worker:
        late = begin(worker, "/body")
        first = begin(worker)
        assert begun.wait(10)
        waiting = [begin(worker), begin(worker)]
        begin(worker, "/more").wait()
        body.come(worker.loop)
        late.wait()
        assert told == ["/more", "/body"]
        released.set()
        for request in (first, *waiting):
            request.wait()
    assert len(told) == 2


def test_what_comes_too_late_is_given_up_once_and_the_request_is_told() -> None:
    body = Awaited()
    told: list[str] = []

    async def handle(scope: Any) -> None:
        await within(0.01)
        if scope.path == "/next":
            return
        try:
            await body
        except TimeoutError:
            told.append("late")

    with Worker(Service(handle)) as worker:
        begin(worker).wait()
        assert told == ["late"]
        assert body.is_given_up
        body.come(worker.loop)
        begin(worker, "/next").wait()
    assert told == ["late"]


def test_those_that_wait_are_looked_at_again_though_a_look_failed() -> None:
    class Stubborn(Awaited):
        def cancel(self) -> None:
            raise LookupError("an error of the server's")

    told: list[str] = []

    async def handle(scope: Any) -> None:
        await within(0.01)
        try:
            await (Stubborn() if scope.path == "/stubborn" else Awaited())
        except TimeoutError:
            told.append(scope.path)

    with Worker(Service(handle)) as worker:
        worker.loop.set_exception_handler(lambda _loop, _told: None)
        begin(worker, "/stubborn")
        begin(worker, "/ordinary").wait()
    assert told == ["/ordinary"]


def test_what_is_there_before_it_is_waited_for_is_not_waited_for() -> None:
    class There(Awaited):
        """As the server has it: it tells the loop while it is asked to."""

        def add_done_callback(self, callback: Any) -> None:
            worker.loop.call_soon(callback, self)

    seen: list[bool] = []

    async def handle(scope: Any) -> None:
        await There()
        await There()
        seen.append(True)

    with Worker(Service(handle)) as worker:
        begin(worker).wait()
    assert seen == [True]


def test_a_thread_that_met_an_error_takes_the_next_request() -> None:
    threads = RequestThreads(1)
    done = Event()

    def fail() -> None:
        raise LookupError("an error of the server's")

    threads.submit(fail)
    threads.submit(done.set)
    assert done.wait(10)
