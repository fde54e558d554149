"""Alerts, board and documentation speak of metrics that there are."""

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from typing import Any

import pytest
import yaml

from settings import HERE
from telemetry.catalogue import ALL_METRICS
from telemetry.instruments import Histogram, Instrument
from tests.support.project.promql import parse

DOCS = HERE / "docs"
METRICS = (DOCS / "metrics.md").read_text("utf-8")
RULES: list[dict[str, Any]] = [
    rule
    for group in yaml.safe_load((DOCS / "alerts.yaml").read_text("utf-8"))["groups"]
    for rule in group["rules"]
]
BOARD: dict[str, Any] = json.loads((DOCS / "grafana.json").read_text("utf-8"))
TARGETS = {
    f"{panel['title']} {target['refId']}": target
    for panel in BOARD["panels"]
    for target in panel.get("targets", [])
}
QUERIES = {
    **{rule["alert"]: rule["expr"] for rule in RULES},
    **{title: target["expr"] for title, target in TARGETS.items()},
}
DURATION = re.compile(r"([0-9]+[smhd])+")


def metric_of(series: str) -> Instrument:
    """The metric whose series it is: a histogram has three kinds of them."""
    base = re.sub(r"_(bucket|count|sum)$", "", series)
    metric = ALL_METRICS.get(series) or ALL_METRICS.get(base)
    assert metric is not None, f"there is no metric {series}"
    assert (base in ALL_METRICS and base != series) == isinstance(metric, Histogram), series
    return metric


def values_of(metric: Instrument, label: str) -> Iterator[str]:
    if label == "le" and isinstance(metric, Histogram):
        yield from (str(float(bound)) for bound in metric.buckets)
    else:
        yield from metric.labels[label]


@pytest.mark.parametrize("name", QUERIES)
def test_a_query_names_metrics_labels_and_values_that_there_are(name: str) -> None:
    query = parse(QUERIES[name])
    labels = {"le"}
    for series, matchers in query.selected:
        if series == "up":
            assert matchers == {"job": ["zoldszam-webhooks"]}
            assert "job_name: zoldszam-webhooks" in METRICS
            continue
        metric = metric_of(series)
        labels |= metric.labels.keys()
        for label, values in matchers.items():
            known = {*values_of(metric, label)}
            # Of a state the records' constraint knows all values.
            assert not known or set(values) <= known, (series, label)
    assert query.grouped <= labels, name


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: str(rule["alert"]))
def test_an_alert_is_a_rule_of_prometheus_with_an_entry_for_operators(rule: dict[str, Any]) -> None:
    assert rule.keys() <= {"alert", "expr", "for", "labels", "annotations"}
    assert re.fullmatch(r"[A-Z][A-Za-z]+", rule["alert"])
    assert DURATION.fullmatch(rule.get("for", "1m"))
    assert rule["labels"]["severity"] in {"page", "ticket"}
    assert rule["annotations"].keys() == {"summary"}
    named = set(re.findall(r"\$labels\.(\w+)", rule["annotations"]["summary"]))
    assert named <= parse(rule["expr"]).grouped
    assert f"| `{rule['alert']}` |" in METRICS


@pytest.mark.whole_run
@pytest.mark.skipif(shutil.which("promtool") is None, reason="Prometheus's promtool is not here")
def test_prometheus_takes_the_rules_and_they_speak_on_a_bad_day_alone() -> None:
    days = HERE / "tests" / "data" / "alerts_on_two_days.yaml"
    for command in (("check", "rules", DOCS / "alerts.yaml"), ("test", "rules", days)):
        done = subprocess.run(["promtool", *command], capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr


def test_every_alert_is_tried_on_a_bad_day_and_on_a_usual_one() -> None:
    days = yaml.safe_load((HERE / "tests" / "data" / "alerts_on_two_days.yaml").read_text("utf-8"))
    bad, usual, *_ = days["tests"]
    names = [rule["alert"] for rule in RULES]
    assert [each["alertname"] for each in bad["alert_rule_test"] if each["exp_alerts"]] == names
    quiet = [each for each in usual["alert_rule_test"] if not each["exp_alerts"]]
    assert [each["alertname"] for each in quiet] == names


def test_every_entry_for_operators_is_of_an_alert_and_none_is_twice() -> None:
    section = METRICS.partition("\n## Alerts\n")[2].partition("\n## ")[0]
    entries = re.findall(r"^\| `(\w+)` \|", section, re.M)
    assert sorted(entries) == sorted(rule["alert"] for rule in RULES)


def test_the_boards_panels_have_a_place_and_a_number_of_their_own() -> None:
    panels = BOARD["panels"]
    assert len({panel["id"] for panel in panels}) == len(panels)
    taken = [
        (x, y)
        for place in (panel["gridPos"] for panel in panels)
        for x in range(place["x"], place["x"] + place["w"])
        for y in range(place["y"], place["y"] + place["h"])
    ]
    assert len(set(taken)) == len(taken)
    assert max(x for x, _ in taken) < 24
    for target in TARGETS.values():
        labels = set(re.findall(r"\{\{(\w+)\}\}", target.get("legendFormat", "")))
        assert labels <= parse(target["expr"]).grouped


def test_every_metric_has_its_row_for_operators() -> None:
    rows = [
        f"| `{metric.name}` | {metric.kind} | {', '.join(f'`{name}`' for name in metric.labels)} "
        f"| {metric.help_text} |".replace("|  |", "| |")
        for metric in ALL_METRICS.values()
    ]
    section = METRICS.partition("\n## Metrics\n")[2].partition("\n## ")[0]
    # Otherwise put these rows there.
    assert re.findall(r"^\| `zoldszam_.*", section, re.M) == rows, "\n" + "\n".join(rows)


@pytest.mark.parametrize(
    ("query", "wrong"), [("sum(rate(x[5m])", "without"), ("x{state=open}", "no matcher")]
)
def test_a_query_of_no_form_is_noticed(query: str, wrong: str) -> None:
    with pytest.raises(ValueError, match=wrong):
        parse(query)
