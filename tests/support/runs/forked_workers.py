"""One run in several processes: ``--workers N`` collects the tests once and forks.

Each worker takes the next file of tests from one queue when it has ended the one before, so that
none is idle while there is work, and a file's own fixtures are made once.
"""

import os
import pickle
import selectors
import signal
import struct
import sys
import traceback
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from typing import Any, NoReturn, cast

import pytest
from _pytest.capture import CaptureManager

from tests.support.databases.database import postgres_for_workers
from tests.support.runs.work_units import first, needs_postgres, units

OPTION = "--workers"
_INDEX = struct.Struct("=H")
_LENGTH = struct.Struct("=I")


def add_option(parser: pytest.Parser) -> None:
    """Add the option that says how many processes share the tests."""
    parser.addoption(
        OPTION, type=int, default=0, metavar="N", help="run the tests in N processes of one run"
    )


def configure(config: pytest.Config) -> None:
    """Share the tests where it was asked for."""
    if number := config.getoption(OPTION):
        config.pluginmanager.register(ForkedWorkers(number))


@dataclass
class _Worker:
    """A worker as the parent sees it: what it reports, and what it is running."""

    process: int
    reports: int
    received: bytearray = field(default_factory=bytearray)
    runs: str | None = None
    ended: bool = False

    def read(self) -> Iterator[Any] | None:
        """What has come meanwhile, or ``None`` at the end."""
        came = os.read(self.reports, 1 << 20)
        self.received += came
        return self._whole() if came else None

    def _whole(self) -> Iterator[Any]:
        while len(self.received) >= _LENGTH.size:
            end = _LENGTH.size + _LENGTH.unpack_from(self.received)[0]
            if len(self.received) < end:
                return
            message = bytes(self.received[_LENGTH.size : end])
            del self.received[:end]
            yield pickle.loads(message)  # noqa: S301 - from a process of our own


class ForkedWorkers:
    """The plugin that runs the tests in so many processes."""

    def __init__(self, number: int) -> None:
        self._number = number

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool | None:
        """Run all tests; a worker that dies fails the test that it ran."""
        if session.testsfailed or session.config.option.collectonly or not session.items:
            return None  # for pytest itself to say
        with ExitStack() as shared:
            if any(map(needs_postgres, session.items)):
                shared.enter_context(postgres_for_workers())
            begun = first(session.items)
            _run_tests(session, begun)
            if not (session.shouldfail or session.shouldstop):
                self._run(session, [item for item in session.items if item not in begun])
        if session.shouldfail:
            raise session.Failed(session.shouldfail)
        if session.shouldstop:
            raise session.Interrupted(session.shouldstop)
        return True

    def _run(self, session: pytest.Session, items: Sequence[pytest.Item]) -> None:
        work = units(items)
        queue, fill = os.pipe()
        os.write(fill, b"".join(map(_INDEX.pack, range(len(work)))))
        os.close(fill)
        sys.stdout.flush()
        sys.stderr.flush()
        workers: list[_Worker] = []
        try:
            for _ in range(min(self._number, len(work))):
                workers.append(_started(session, work, queue, [each.reports for each in workers]))
            _listen(session, workers, queue)
        finally:
            _drain(queue)
            _end(workers)
            os.close(queue)


def _started(
    session: pytest.Session, work: list[list[pytest.Item]], queue: int, others: list[int]
) -> _Worker:
    reports, tell = os.pipe()
    process = os.fork()
    if process == 0:
        for reading in (*others, reports):
            os.close(reading)
        _work(session, work, queue, tell)
    os.close(tell)
    return _Worker(process, reports)


def _work(
    session: pytest.Session, work: list[list[pytest.Item]], queue: int, tell: int
) -> NoReturn:
    """A worker's whole life; it ends without what only the parent has to take back."""
    code = 1
    try:
        config = session.config
        # As the processes of other plugins are known by: who has this writes no files of the run.
        config.workerinput = {}  # type: ignore[attr-defined]
        config.pluginmanager.unregister(name="terminalreporter")
        teller = _Teller(config, tell)
        config.pluginmanager.register(teller)
        capture = cast(CaptureManager, config.pluginmanager.getplugin("capturemanager"))
        # The files of the capture were the parent's, and would be written by all.
        capture.stop_global_capturing()
        capture.start_global_capturing()
        capture.suspend_global_capture()
        _run(session, work, queue)
        teller.end()
        code = 0
    except KeyboardInterrupt:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        with suppress(BaseException):
            session._setupstate.teardown_exact(None)
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def _run(session: pytest.Session, work: list[list[pytest.Item]], queue: int) -> None:
    item = None
    while taken := os.read(queue, _INDEX.size):
        unit = work[_INDEX.unpack(taken)[0]]
        _run_tests(session, unit)
        if session.shouldfail or session.shouldstop:
            return
        item = unit[-1]
    if item is not None:
        end = pytest.CallInfo.from_call(
            lambda: session._setupstate.teardown_exact(None), when="teardown"
        )
        report = item.ihook.pytest_runtest_makereport(item=item, call=end)
        if report.failed:
            item.ihook.pytest_runtest_logreport(report=report)


def _run_tests(session: pytest.Session, unit: Sequence[pytest.Item]) -> None:
    # After a file comes the session alone: what belongs to it stays.
    after = cast(pytest.Item, session)
    for item, following in zip(unit, [*unit, after][1:], strict=True):
        item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
        if session.shouldfail or session.shouldstop:
            return


class _Teller:
    """Tells the parent what a worker's tests come to."""

    def __init__(self, config: pytest.Config, tell: int) -> None:
        self._config = config
        self._tell = tell

    def pytest_runtest_logstart(self, nodeid: str, location: tuple[str, int | None, str]) -> None:
        self._send(("start", nodeid, location))

    def pytest_runtest_logfinish(self, nodeid: str, location: tuple[str, int | None, str]) -> None:
        self._send(("finish", nodeid, location))

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        data = self._config.hook.pytest_report_to_serializable(config=self._config, report=report)
        self._send(("report", data))

    def end(self) -> None:
        """Say that nothing is left to tell: whoever ends without that has died."""
        self._send(("end",))

    def _send(self, message: tuple[Any, ...]) -> None:
        data = pickle.dumps(message)
        left = memoryview(_LENGTH.pack(len(data)) + data)
        while left:
            left = left[os.write(self._tell, left) :]


def _listen(session: pytest.Session, workers: list[_Worker], queue: int) -> None:
    with selectors.DefaultSelector() as selector:
        for worker in workers:
            selector.register(worker.reports, selectors.EVENT_READ, worker)
        while selector.get_map():
            for key, _ in selector.select():
                messages = key.data.read()
                if messages is None:
                    selector.unregister(key.fileobj)
                    _note_death(session, key.data)
                    continue
                for message in messages:
                    _pass_on(session, key.data, message)
            if session.shouldfail or session.shouldstop:
                _drain(queue)


def _drain(queue: int) -> None:
    """Let nobody begin another file."""
    while os.read(queue, 1 << 16):
        pass


def _pass_on(session: pytest.Session, worker: _Worker, message: tuple[Any, ...]) -> None:
    hook = session.config.hook
    kind, *rest = message
    if kind == "report":
        report = hook.pytest_report_from_serializable(config=session.config, data=rest[0])
        hook.pytest_runtest_logreport(report=report)
    elif kind == "start":
        worker.runs = rest[0]
        hook.pytest_runtest_logstart(nodeid=rest[0], location=rest[1])
    elif kind == "end":
        worker.ended = True
    else:
        worker.runs = None
        hook.pytest_runtest_logfinish(nodeid=rest[0], location=rest[1])


def _note_death(session: pytest.Session, worker: _Worker) -> None:
    """Fail the test in which a worker has died, and the run with it."""
    _, status = os.waitpid(worker.process, 0)
    worker.process = 0
    if worker.ended:
        return
    code = os.waitstatus_to_exitcode(status)
    name = worker.runs or "no test"
    session.config.hook.pytest_runtest_logreport(
        report=pytest.TestReport(
            nodeid=name,
            location=(name, None, name),
            keywords={},
            outcome="failed",
            longrepr=f"The process of the tests has ended by {code} while it ran {name};"
            " the rest of its file was not run.",
            when="call",
        )
    )


def _end(workers: list[_Worker]) -> None:
    """Wait for all; those that still run after an interrupt have been told to end."""
    for worker in workers:
        os.close(worker.reports)
        if worker.process:
            with suppress(ProcessLookupError):
                os.kill(worker.process, signal.SIGINT)
            os.waitpid(worker.process, 0)
