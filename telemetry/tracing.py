"""Traces for OpenTelemetry, where ``OTEL_EXPORTER_OTLP_ENDPOINT`` is set (extra ``traces``).

The names of attributes are ours, beginning with ``zoldszam.``; none holds a telephone number, a
name, a customer's id or anything that was typed. An error is told by its type only.
"""

from collections.abc import Mapping
from typing import Any

from common.errors import ConfigurationError

EXPORT_SECONDS = 3
"""For a batch of spans with all its retries: so long a collector that is away delays our end."""

_tracer: Any = None


def start_tracing(service: str) -> None:
    """Export spans from now on under this service's name; once is enough.

    The library reads its variables itself (``OTEL_EXPORTER_OTLP_ENDPOINT``,
    ``OTEL_TRACES_SAMPLER``, …). Raises ``ConfigurationError`` when the extra is not installed.
    """
    if is_tracing():
        return
    exporter, processor = _classes()
    export_to(processor(exporter(timeout=EXPORT_SECONDS)), service)


def require_tracing() -> None:
    """Raise what ``start_tracing`` would, and start nothing."""
    exporter, _ = _classes()
    exporter(timeout=EXPORT_SECONDS).shutdown()


def _classes() -> tuple[Any, Any]:
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
    except ModuleNotFoundError as error:
        raise ConfigurationError(
            "OTEL_EXPORTER_OTLP_ENDPOINT is set, but what it needs is not installed: "
            "pip install 'zoldszam[traces]'. Or unset it: then nothing is traced."
        ) from error
    return OTLPSpanExporter, BatchSpanProcessor


def export_to(processor: Any, service: str) -> None:
    """Hand every span to this processor of OpenTelemetry's."""
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider

    global _tracer
    provider = TracerProvider(resource=Resource.create({"service.name": service}))
    provider.add_span_processor(processor)
    _tracer = provider.get_tracer("zoldszam")


def stop_tracing() -> None:
    """Make no spans any more."""
    global _tracer
    _tracer = None


def is_tracing() -> bool:
    """Whether spans are made."""
    return _tracer is not None


def begin_span(name: str, attributes: Mapping[str, str | int]) -> Any:
    """Make a span the current one and return what ``end_span`` takes; ``None`` without tracing."""
    if _tracer is None:
        return None
    named = {f"zoldszam.{key}": value for key, value in attributes.items()}
    current = _tracer.start_as_current_span(
        name, attributes=named, record_exception=False, set_status_on_exception=False
    )
    return current, current.__enter__()


def end_span(begun: Any, error: str | None, attributes: Mapping[str, str | int]) -> None:
    """End it, with what has become known of it; ``error`` names what failed."""
    from opentelemetry.trace import Status, StatusCode

    current, span = begun
    for key, value in attributes.items():
        span.set_attribute(f"zoldszam.{key}", value)
    if error is not None:
        span.set_status(Status(StatusCode.ERROR, error))
    current.__exit__(None, None, None)
