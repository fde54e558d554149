"""What the metrics of this process tell."""

from prometheus_client.parser import text_string_to_metric_families

from telemetry.metrics import exposition


def told(name: str, **labels: str) -> float:
    """The value of the one series of that name with these labels."""
    samples = [
        sample.value
        for family in text_string_to_metric_families(exposition().decode())
        for sample in family.samples
        if sample.name == name and labels.items() <= sample.labels.items()
    ]
    assert len(samples) == 1, f"{len(samples)} series of {name}"
    return float(samples[0])
