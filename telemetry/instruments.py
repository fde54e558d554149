"""Counters, gauges and histograms that cost nothing until the process is one that is watched.

They are declared once, in ``telemetry.catalogue``, and imported by everybody; the library behind
them (prometheus-client) is read when ``telemetry.metrics.start`` opens them.
"""

from collections.abc import Mapping
from itertools import product
from typing import Any, Literal, TypeAlias

Process: TypeAlias = Literal["webhooks", "console", "api", "worker"]
ALL: tuple[Process, ...] = ("webhooks", "console", "api", "worker")

MOST_SERIES = 200
"""Of one metric: more is not counted apart, whatever comes as a label."""

OTHER = "other"


class Instrument:
    """A metric: its name, what it says, its labels with the values that are there from the start.

    ``by`` are the processes that export it. A label without values has those of an enumeration
    that stands elsewhere; they appear when they first occur.
    """

    kind = "untyped"

    def __init__(
        self,
        name: str,
        help_text: str,
        labels: Mapping[str, tuple[str, ...]] | None = None,
        *,
        by: tuple[Process, ...] = ALL,
    ) -> None:
        self.name = name
        self.help_text = help_text
        self.labels = dict(labels or {})
        self.by = by
        self._metric: Any = None
        self._series: dict[tuple[str, ...], Any] = {}

    @property
    def is_open(self) -> bool:
        """Whether it counts in this process."""
        return self._metric is not None

    def open(self, registry: Any) -> None:
        """Count from now on, in that registry."""
        self._metric = self._make(registry)
        self._series = {}
        if all(self.labels.values()):
            for values in product(*self.labels.values()):
                self._one(values)

    def _make(self, registry: Any) -> Any:
        raise NotImplementedError

    def _one(self, values: tuple[str, ...]) -> Any:
        """The series of these labels."""
        found = self._series.get(values)
        if found is None:
            if len(self._series) >= MOST_SERIES:
                values = (OTHER,) * len(values)
            found = self._metric.labels(*values) if values else self._metric
            self._series[values] = found
        return found


class Counter(Instrument):
    """Only grows while its process lives."""

    kind = "counter"

    def count(self, *labels: str, by: float = 1) -> None:
        """Add to it."""
        if self._metric is not None:
            self._one(labels).inc(by)

    def _make(self, registry: Any) -> Any:
        from prometheus_client import Counter as Made

        return Made(self.name, self.help_text, tuple(self.labels), registry=registry)


class Gauge(Instrument):
    """A value that goes up and down; of one process, or read from the records at a scrape."""

    kind = "gauge"

    def put(self, value: float, *labels: str) -> None:
        """Set it."""
        if self._metric is not None:
            self._one(labels).set(value)

    def family(self, values: Mapping[tuple[str, ...], float]) -> Any:
        """It with these values by labels, for a collector."""
        from prometheus_client.core import GaugeMetricFamily

        made = GaugeMetricFamily(self.name, self.help_text, labels=tuple(self.labels))
        for labels, value in values.items():
            made.add_metric(labels, value)
        return made

    def _make(self, registry: Any) -> Any:
        from prometheus_client import Gauge as Made

        return Made(self.name, self.help_text, tuple(self.labels), registry=registry)


class Histogram(Instrument):
    """Durations in seconds, counted up to each of some bounds."""

    kind = "histogram"

    def __init__(
        self,
        name: str,
        help_text: str,
        labels: Mapping[str, tuple[str, ...]] | None = None,
        *,
        by: tuple[Process, ...] = ALL,
        buckets: tuple[float, ...],
    ) -> None:
        super().__init__(name, help_text, labels, by=by)
        self.buckets = buckets

    def observe(self, seconds: float, *labels: str) -> None:
        """Count a duration."""
        if self._metric is not None:
            self._one(labels).observe(seconds)

    def _make(self, registry: Any) -> Any:
        from prometheus_client import Histogram as Made

        names = tuple(self.labels)
        return Made(self.name, self.help_text, names, registry=registry, buckets=self.buckets)
