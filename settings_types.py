"""How the text of a setting is read: each reader raises ``ValueError`` with what is wanted."""

from collections.abc import Callable
from datetime import timedelta
from functools import cache
from ipaddress import ip_network
from typing import Annotated, Any, Literal, NamedTuple, cast, get_args
from urllib.parse import SplitResult, urlsplit

from pydantic import AliasChoices, BaseModel, PlainValidator

from backend.interface.codes import SecondFactor
from messages.campaigns.policy import ReminderLimit
from telemetry.readers import Network

LogFormat = Literal["text", "json"]

LEAST_RECONCILE_AFTER = timedelta(seconds=120)
"""So long a system may go on offering the carrier what a killed worker has sent (decision 0111)."""

MOST_CONFIRM_AFTER = 10
MOST_DRAIN = 60
LEAST_TOKEN = 16
MOST_DAYS = 36_500
MOST_MINUTES = MOST_DAYS * 24 * 60
MOST_COUNTED = 1_000_000_000
"""Of whatever a setting counts: messages, attempts."""


class Attempts(NamedTuple):
    """So many failed identifications within that time."""

    most: int
    within: timedelta


class FailureShare(NamedTuple):
    """A share from 0 to 1, and the number of messages from which on it counts."""

    share: float
    least: int


def written(parse: Callable[[str], Any], like: str = "") -> PlainValidator:
    """Read text by ``parse``, and end its complaint with an example if it gives none itself.

    Values that are no text are kept: they were made in the program.
    """

    def read(value: object) -> object:
        if not isinstance(value, str):
            return value
        try:
            return parse(value)
        except ValueError as error:
            example = f' Write it like "{like}".' if like else ""
            raise ValueError(f"{error}{example}") from error

    return PlainValidator(read)


def second_factor_rule(text: str) -> SecondFactor:
    if text not in get_args(SecondFactor):
        raise ValueError("it is none of required, offered and off.")
    return cast(SecondFactor, text)


def text_or_json(text: str) -> LogFormat:
    if text not in get_args(LogFormat):
        raise ValueError("it is neither text nor json.")
    return cast(LogFormat, text)


def networks(text: str) -> tuple[Network, ...]:
    try:
        found = tuple(ip_network(each) for each in text.split())
    except ValueError as error:
        raise ValueError(f"{error}.") from error
    if not found:
        raise ValueError("it names no network.")
    return found


def bearer_token(text: str) -> str:
    if len(text) < LEAST_TOKEN or not text.isascii() or not text.isprintable() or " " in text:
        raise ValueError(f"{LEAST_TOKEN} characters of ASCII without blanks are wanted, at least.")
    return text


def hops(text: str) -> int:
    if text not in {"0", "1", "2", "3"}:
        raise ValueError("a whole number from 0 to 3 is wanted.")
    return int(text)


def attempts(text: str) -> int:
    if not _is_count(text):
        raise ValueError("a number of attempts is wanted.")
    return int(text)


def attempts_within(text: str) -> Attempts:
    """``10/60``: attempts and minutes."""
    number, _, minutes = text.partition("/")
    if not (_is_count(number) and _is_count(minutes, MOST_MINUTES, least=0)):
        raise ValueError("attempts/minutes are wanted.")
    return Attempts(int(number), timedelta(minutes=int(minutes)))


def above_zero(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = 0
    if not 0 < number < 1_000_000:
        raise ValueError("a number above nought and below a million is wanted.")
    return number


def seconds(text: str) -> timedelta:
    return timedelta(seconds=above_zero(text))


def delay(text: str) -> timedelta:
    """Seconds within a question; none are a delay, too."""
    return _seconds_to(MOST_CONFIRM_AFTER, text)


def drain_time(text: str) -> timedelta:
    """Seconds between the signal to stop and the stop; none are a time, too."""
    return _seconds_to(MOST_DRAIN, text)


def _seconds_to(most: int, text: str) -> timedelta:
    try:
        number = float(text)
    except ValueError:
        number = -1
    if not 0 <= number <= most:
        raise ValueError(f"seconds from 0 to {most} are wanted.")
    return timedelta(seconds=number)


def days(text: str) -> timedelta:
    """Days, a hundred years at most: no calendar reaches much further back."""
    if not _is_count(text, MOST_DAYS):
        raise ValueError(f"a whole number of days from 1 to {MOST_DAYS} is wanted.")
    return timedelta(days=int(text))


def parts(text: str) -> int:
    """SMS parts; none end all answers."""
    if not _is_count(text, 999_999, least=0):
        raise ValueError("a whole number below a million is wanted; 0 ends all answers.")
    return int(text)


def share_and_least(text: str) -> FailureShare:
    share, _, least = text.partition("/")
    number = share.removesuffix("%")
    if not share.endswith("%") or not _is_count(number, 100):
        raise ValueError("a share is written in per cent.")
    return FailureShare(int(number) / 100, _positive(least))


def limits(text: str) -> tuple[ReminderLimit, ...]:
    """``1/7 2/30``: at most one reminder a person in 7 days and two in 30."""
    pairs = [part.partition("/") for part in text.split()]
    if not pairs:
        raise ValueError("it names no limit.")
    return tuple(ReminderLimit(_positive(most), days(within).days) for most, _, within in pairs)


def too_hasty(reconcile_after: timedelta) -> list[str]:
    """What is wrong with a RECONCILE_AFTER by which people would get messages twice, if anything.

    A simulator of one's own may be judged sooner.
    """
    if reconcile_after >= LEAST_RECONCILE_AFTER:
        return []
    given, least = (
        f"{each.total_seconds():g}" for each in (reconcile_after, LEAST_RECONCILE_AFTER)
    )
    flaw = (
        f'RECONCILE_AFTER is "{given}", which cannot be used: the carrier may get a request that '
        "was given up for so long that people would get messages twice. "
        f"Use {least} or more, or leave it out; less is for simulators (TWILIO_API_URL)."
    )
    return [flaw]


def yes_no(text: str) -> bool:
    if text not in {"yes", "no"}:
        raise ValueError("it is neither yes nor no.")
    return text == "yes"


def address(text: str) -> str:
    """An address that the carrier can call, without a slash at its end."""
    split = urlsplit(text)
    if split.scheme not in {"http", "https"} or not split.netloc or "@" in split.netloc:
        raise ValueError("it is no address that the carrier could call, with no name and password.")
    return text.rstrip("/")


def own_address(text: str) -> str:
    """``https://desk.example.hu``: where the console is reached, as browsers write an origin."""
    split = urlsplit(text.rstrip("/"))
    if not _is_safe(split) or split.path or split.query or split.fragment or not text.isascii():
        raise ValueError("https, a host and no path are wanted; http for this machine only.")
    usual = {"https": 443, "http": 80}[split.scheme]
    host = f"[{split.hostname}]" if ":" in (split.hostname or "") else split.hostname
    port = "" if split.port in {None, usual} else f":{split.port}"
    return f"{split.scheme}://{host}{port}"


def issuer(text: str) -> str:
    """``https://login.example.hu/realm``, exactly as the provider writes it."""
    split = urlsplit(text)
    if not _is_safe(split) or split.query or split.fragment:
        raise ValueError("an address with https is wanted; http for this machine only.")
    return text


def words(text: str) -> frozenset[str]:
    return frozenset(text.split())


def _is_safe(split: SplitResult) -> bool:
    try:
        port_is_sound = split.port != 0
    except ValueError:
        port_is_sound = False
    ours = split.hostname in {"localhost", "127.0.0.1", "::1"}
    scheme = split.scheme == "https" or (split.scheme == "http" and ours)
    return scheme and port_is_sound and bool(split.hostname) and "@" not in split.netloc


def _positive(text: str) -> int:
    if not _is_count(text):
        raise ValueError(f"a whole number from 1 to {MOST_COUNTED} is wanted.")
    return int(text)


def _is_count(text: str, most: int = MOST_COUNTED, *, least: int = 1) -> bool:
    # More digits than the bound has need no conversion to be out of it.
    short = len(text.lstrip("0")) <= len(str(most))
    return text.isdecimal() and short and least <= int(text or 0) <= most


Days = Annotated[timedelta, written(days, "90")]
AttemptsWithin = Annotated[Attempts, written(attempts_within, "10/60")]
Address = Annotated[str | None, written(address, "https://host/path")]
Networks = Annotated[tuple[Network, ...], written(networks, "10.1.0.0/16 ::1")]


@cache
def variables_of(settings: type[BaseModel]) -> frozenset[str]:
    """The names of the variables that these settings are read from."""
    names: list[str] = []
    for name, field in settings.model_fields.items():
        alias = field.validation_alias or name.upper()
        names += map(str, alias.choices if isinstance(alias, AliasChoices) else [alias])
    return frozenset(names)
