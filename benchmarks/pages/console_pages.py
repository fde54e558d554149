"""How long the server takes for each page: every address that answers a GET, asked repeatedly."""

import statistics
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta

from tests.console.support import SAMPLES, ConsoleUnderTest

ROUNDS = 20
ROLE = "admin"
APART = timedelta(seconds=61)
"""Between two requests: nothing that is remembered for a minute helps the second."""
FILTERED = (
    "/calls?period=week",
    "/calls?period=month",
    "/calls?period=week&result=hung_up",
    "/requests?kind=payment_day",
    "/inbox?tab=done",
    "/campaigns?state=done",
)


@dataclass(frozen=True, slots=True)
class Times:
    """The seconds of one page's answers, and of the processor in this process."""

    address: str
    seconds: tuple[float, ...]
    worked: tuple[float, ...]

    @property
    def work(self) -> float:
        """The processor's time for one answer, the median."""
        return statistics.median(self.worked)

    @property
    def p95(self) -> float:
        """Of twenty answers the slowest but one."""
        return statistics.quantiles(self.seconds, n=20, method="inclusive")[-1]


def addresses(console: ConsoleUnderTest, samples: Mapping[str, tuple[str, ...]]) -> list[str]:
    """Every address that answers a GET, once for each sample of its variables."""
    found = dict.fromkeys(FILTERED)
    urls = console.app.url_map.bind("localhost", url_scheme="https")
    for rule in console.app.url_map.iter_rules():
        if "GET" not in (rule.methods or ()) or rule.endpoint == "static":
            continue
        for values in _values(rule.endpoint, rule.arguments, samples):
            found[urls.build(rule.endpoint, values, method="GET")] = None
    return list(found)


def _values(
    endpoint: str, variables: set[str], samples: Mapping[str, tuple[str, ...]]
) -> Iterator[dict[str, str]]:
    screen = endpoint.split(".")[0]
    for number in range(2):
        values = {}
        for name in variables:
            own = f"{screen}.{name}"
            usual = (SAMPLES.get(own, SAMPLES.get(name, "1")),)
            known = samples.get(own) or (usual if own in SAMPLES else samples.get(name, usual))
            values[name] = known[min(number, len(known) - 1)]
        yield values


def measure(console: ConsoleUnderTest, pages: list[str], rounds: int = ROUNDS) -> list[Times]:
    """Ask for each page so often, the slowest first; what is not answered with 200 is left out."""
    found = []
    for address in pages:
        console.clients.clear()
        seconds, worked = [], []
        for _ in range(rounds + 1):
            console.now += APART
            client = console.client(ROLE)
            began, before = time.perf_counter(), time.thread_time()
            answer = client.get(address, base_url="https://localhost", buffered=True)
            worked.append(time.thread_time() - before)
            seconds.append(time.perf_counter() - began)
            if answer.status_code != 200:
                break
        else:
            # The first one compiles the template.
            found.append(Times(address, tuple(seconds[1:]), tuple(worked[1:])))
    return sorted(found, key=lambda each: -each.p95)
