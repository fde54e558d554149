"""Opening the metrics of a process, and telling them in Prometheus' text format."""

import os
import platform
from collections.abc import Iterable
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from threading import Lock
from typing import Any, Protocol

from telemetry.catalogue import ALL_METRICS, BUILD, FROM_RECORDS
from telemetry.instruments import Process
from telemetry.process_files import claim_place

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


class Collector(Protocol):
    """Gives metrics at a scrape."""

    def collect(self) -> Iterable[Any]:
        """The families of the library, with their values."""


_lock = Lock()
_registry: Any = None
_folder: Path | None = None


def start(process: Process, folder: Path | None = None) -> None:
    """Count from now on what this kind of process exports; once is enough.

    All processes that share a folder are told together; it has to be named in the environment, too,
    as ``PROMETHEUS_MULTIPROC_DIR``, where the library looks for it.
    """
    global _folder, _registry
    with _lock:
        if _registry is None:
            _folder = folder
            _registry = _opened(folder)
        for metric in ALL_METRICS.values():
            told_otherwise = metric is BUILD or metric in FROM_RECORDS
            if process in metric.by and not told_otherwise and not metric.is_open:
                metric.open(_registry)


def _begin_fork() -> None:
    """Count anew, in a place of its own: the other process still counts in the one before."""
    global _lock, _registry
    _lock = Lock()
    if _registry is None:
        return
    counting = [metric for metric in ALL_METRICS.values() if metric.is_open]
    _registry = None
    _registry = _opened(_folder)
    for metric in counting:
        metric.open(_registry)


os.register_at_fork(after_in_child=_begin_fork)


def exposition(collectors: Iterable[Collector] = ()) -> bytes:
    """What ``/metrics`` answers: this service's counters, and what the collectors read now."""
    from prometheus_client import CollectorRegistry, generate_latest

    registry = CollectorRegistry()
    for collector in (_counted(), _Build(), *collectors):
        registry.register(collector)
    text: bytes = generate_latest(registry)
    return text


def _opened(folder: Path | None) -> Any:
    from prometheus_client import CollectorRegistry, disable_created_metrics, values

    # When a series began is of no use, and doubles what is told.
    disable_created_metrics()  # type: ignore[no-untyped-call]
    if folder is not None:
        place = claim_place(folder)
        values.ValueClass = values.MultiProcessValue(lambda: place)  # type: ignore[no-untyped-call]
    return CollectorRegistry()


def _counted() -> Any:
    """The counters of this process, or of all that share its folder."""
    from prometheus_client import CollectorRegistry, multiprocess

    if _folder is not None:
        return multiprocess.MultiProcessCollector(None, str(_folder))  # type: ignore[no-untyped-call]
    return CollectorRegistry() if _registry is None else _registry


class _Build:
    def collect(self) -> Iterable[Any]:
        try:
            own = version("zoldszam")
        except PackageNotFoundError:
            own = "unknown"
        yield BUILD.family({(own, platform.python_version()): 1})
