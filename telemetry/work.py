"""A piece of work as it is seen from outside: its log lines, its duration, its errors, its span."""

from collections.abc import Mapping
from time import perf_counter
from types import MappingProxyType, TracebackType
from typing import Any

from telemetry import tracing
from telemetry.catalogue import ERRORS, error_code
from telemetry.instruments import Histogram
from telemetry.log_context import bind, unbind

_NOTHING: Mapping[str, str | int] = MappingProxyType({})


class Work:
    """Used with ``with``: binds ids for the log, measures the time, opens a span of that name.

    ``kind`` is the label of ``seconds``, where that has one. Ids and notes are opaque: no telephone
    number, no name, nothing that was typed.
    """

    __slots__ = (
        "_began",
        "_bound",
        "_error",
        "_ids",
        "_kind",
        "_name",
        "_notes",
        "_seconds",
        "_span",
    )

    def __init__(
        self, name: str, seconds: Histogram | None = None, kind: str = "", **ids: str | int
    ) -> None:
        self._name = name
        self._seconds = seconds
        self._kind = kind
        self._ids = ids
        self._error: str | None = None
        self._notes: Mapping[str, str | int] = _NOTHING
        self._span: Any = None

    def __enter__(self) -> "Work":
        self._bound = bind(self._ids)
        if tracing.is_tracing():
            described = {"kind": self._kind} if self._kind else {}
            self._span = tracing.begin_span(
                f"{self._name} {self._kind}".strip(), self._ids | described
            )
        self._began = perf_counter()
        return self

    def note(self, **what: str | int) -> None:
        """Add what has become known to the span."""
        if self._span is not None:
            self._notes = {**self._notes, **what}

    def failed(self, fault: BaseException) -> None:
        """Count the error under this work's name, by its code."""
        code = error_code(fault)
        ERRORS.count(self._name, code)
        self._error = code

    def __exit__(
        self,
        kind: type[BaseException] | None,
        _fault: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        if self._seconds is not None:
            labels = (self._kind,) if self._kind else ()
            self._seconds.observe(perf_counter() - self._began, *labels)
        if self._span is not None:
            error = self._error or (None if kind is None else kind.__name__)
            tracing.end_span(self._span, error, self._notes)
        unbind(self._bound)
