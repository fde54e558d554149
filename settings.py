"""The settings, all from environment variables; each has a default or says what is missing."""

import hashlib
import logging
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlsplit

from backend.context import IdentificationLimits
from backend.db.sqlite_engine import DEFAULT_URL
from backend.retention.job import Periods
from backend.rules.contact_hours import ContactHours
from messages.campaigns.policy import ReminderLimit, SendingPolicy
from sms.account import Account
from sms.answer_policy import AnswerPolicy

_log = logging.getLogger(__name__)

HERE = Path(__file__).resolve().parent

DEFAULT_VOICES = {"hu": "Google.hu-HU-Wavenet-A", "en": "Google.en-GB-Wavenet-A"}
"""Voices of the carrier by language; ``VOICE_HU`` and ``VOICE_EN`` name others."""


DEFAULT_SENDING = {
    "CONTACT_HOURS": "mon-fri 08:00-20:00",
    "SEND_PACE": "10",
    "SEND_TIMEOUT": "10",
    "CLAIM_LEASE": "60",
    "RECONCILE_AFTER": "300",
    "REMINDER_LIMITS": "1/7 2/30",
    "FAILURE_SHARE": "20%/20",
    "VOIP_NUMBERS": "no",
}
"""How messages go out; docs/operations.md says what each means."""

DEFAULT_REPLY_BUDGET = "1000"
"""SMS parts a day that answers to messages may cost, over all numbers."""

DEFAULT_ATTEMPTS = {
    "ATTEMPTS_PER_CALL": "3",
    "ATTEMPTS_PER_CALLER": "10/60",
    "ATTEMPTS_PER_SITE": "10/1440",
    "ATTEMPTS_UNPROVEN": "30/60",
}
"""Failed identifications before the lock-out: how many, and within how many minutes."""

DEFAULT_PERIODS = {
    "KEEP_REPLIES": "90",
    "KEEP_TASKS": "365",
    "KEEP_TOPICS": "30",
    "KEEP_CALLERS": "730",
    "KEEP_CALLS": "1825",
}
"""Days until ``zoldszam retention run`` deletes; docs/operations.md says what and from when on."""

DEFAULT_CONFIRM_AFTER = "1.0"
"""Seconds of a question after which a key can be an answer to it; "0" takes every key."""
MOST_CONFIRM_AFTER = 10

MOST_DAYS = 36_500
MOST_MINUTES = MOST_DAYS * 24 * 60
MOST_COUNTED = 1_000_000_000
"""Of whatever a setting counts: messages, attempts."""

Value = TypeVar("Value")


class SettingsError(Exception):
    """A setting that cannot be used; names the variable, its value and the hint."""


@dataclass(frozen=True)
class Settings:
    """What a deployment decides. ``public_url`` is the address under which the carrier calls."""

    database_url: str = field(default=DEFAULT_URL, repr=False)
    public_url: str | None = None
    auth_token: str | None = field(default=None, repr=False)
    secret_key: str | None = field(default=None, repr=False)
    menu_tree: Path = HERE / "menu_tree.yaml"
    lines: Path | None = None
    recordings: Path | None = None
    desks: Path = HERE / "desks.yaml"
    calendar: Path = HERE / "calendar.yaml"
    tariffs: Path = HERE / "tariffs.yaml"
    voices: Mapping[str, str] = field(default_factory=lambda: dict(DEFAULT_VOICES))
    attempts: Mapping[str, str] = field(default_factory=lambda: dict(DEFAULT_ATTEMPTS))
    confirm_after: str = DEFAULT_CONFIRM_AFTER
    broker_url: str | None = field(default=None, repr=False)
    account_sid: str | None = None
    api_url: str | None = None
    sms_sender: str | None = None
    carrier_codes: Path | None = None
    reply_budget: str = DEFAULT_REPLY_BUDGET
    sending: Mapping[str, str] = field(default_factory=lambda: dict(DEFAULT_SENDING))
    keeping: Mapping[str, str] = field(default_factory=lambda: dict(DEFAULT_PERIODS))

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> "Settings":
        """Read the settings; an empty variable counts as not set. Raises ``SettingsError``."""
        given = {name: value for name, value in environment.items() if value}
        return cls(
            database_url=given.get("DATABASE_URL", DEFAULT_URL),
            public_url=_address(given, "PUBLIC_URL"),
            auth_token=given.get("TWILIO_AUTH_TOKEN"),
            secret_key=given.get("SECRET_KEY"),
            menu_tree=Path(given.get("MENU_TREE", HERE / "menu_tree.yaml")),
            lines=_lines_file(given),
            recordings=Path(given["RECORDINGS"]) if "RECORDINGS" in given else None,
            desks=Path(given.get("DESKS", HERE / "desks.yaml")),
            calendar=Path(given.get("CALENDAR", HERE / "calendar.yaml")),
            tariffs=Path(given.get("TARIFFS", HERE / "tariffs.yaml")),
            voices={
                language: given.get(f"VOICE_{language.upper()}", voice)
                for language, voice in DEFAULT_VOICES.items()
            },
            attempts={name: given.get(name, usual) for name, usual in DEFAULT_ATTEMPTS.items()},
            confirm_after=given.get("CONFIRM_AFTER", DEFAULT_CONFIRM_AFTER),
            broker_url=given.get("BROKER_URL"),
            account_sid=given.get("TWILIO_ACCOUNT_SID"),
            api_url=_address(given, "TWILIO_API_URL"),
            sms_sender=given.get("SMS_MESSAGING_SERVICE_SID") or given.get("SMS_FROM"),
            carrier_codes=Path(given["CARRIER_CODES"]) if "CARRIER_CODES" in given else None,
            reply_budget=given.get("REPLY_BUDGET", DEFAULT_REPLY_BUDGET),
            sending={name: given.get(name, usual) for name, usual in DEFAULT_SENDING.items()},
            keeping={name: given.get(name, usual) for name, usual in DEFAULT_PERIODS.items()},
        )

    @property
    def caller_secret(self) -> bytes:
        """The key under which callers and sites are hashed for the lock-out.

        Made from ``SECRET_KEY``, else from the carrier's token, so that all workers share it.
        """
        source = self.secret_key or self.auth_token or "no secret is configured"
        return hashlib.sha256(f"callers:{source}".encode()).digest()

    @property
    def identification_limits(self) -> IdentificationLimits:
        """After how many failures identification is locked. Raises ``SettingsError``."""
        per_call, _ = self._attempts("ATTEMPTS_PER_CALL")
        per_caller, caller_within = self._attempts("ATTEMPTS_PER_CALLER")
        per_site, site_within = self._attempts("ATTEMPTS_PER_SITE")
        unproven, unproven_within = self._attempts("ATTEMPTS_UNPROVEN")
        return IdentificationLimits(
            per_call, per_caller, caller_within, per_site, site_within, unproven, unproven_within
        )

    @property
    def confirmation_delay(self) -> timedelta:
        """How long after a question a key can be its answer. Raises ``SettingsError``."""
        return _parsed("CONFIRM_AFTER", self.confirm_after, DEFAULT_CONFIRM_AFTER, _delay)

    @property
    def account(self) -> Account:
        """The account that messages are sent from. Raises ``SettingsError`` for what is missing."""
        needed = {
            "TWILIO_ACCOUNT_SID": self.account_sid,
            "TWILIO_AUTH_TOKEN": self.auth_token,
            "SMS_FROM": self.sms_sender,
        }
        missing = [name for name, value in needed.items() if not value]
        if missing:
            raise SettingsError(
                f"Messages cannot be sent without {', '.join(missing)}. Set them; SMS_FROM is a "
                "number of the account, and SMS_MESSAGING_SERVICE_SID may take its place."
            )
        return Account(
            self.account_sid or "", self.auth_token or "", self.sms_sender or "", self.api_url
        )

    @property
    def sends_messages(self) -> bool:
        """Whether there is an account from which messages can be sent."""
        return bool(self.account_sid and self.auth_token and self.sms_sender)

    @property
    def answer_policy(self) -> AnswerPolicy:
        """Whom answers to messages go to, and what they may cost. Raises ``SettingsError``."""
        parts = _parsed("REPLY_BUDGET", self.reply_budget, DEFAULT_REPLY_BUDGET, _parts)
        own = {self.sms_sender} if self.sms_sender else set()
        return AnswerPolicy(parts, frozenset(own))

    @property
    def sending_policy(self) -> SendingPolicy:
        """Pace, patience and restraint of the SMS desk. Raises ``SettingsError``."""
        share, least = self._read("FAILURE_SHARE", _share_and_least)
        return SendingPolicy(
            contact_hours=self._read("CONTACT_HOURS", ContactHours.parse),
            pace=self._number("SEND_PACE"),
            send_timeout=timedelta(seconds=self._number("SEND_TIMEOUT")),
            claim_lease=timedelta(seconds=self._number("CLAIM_LEASE")),
            reconcile_after=timedelta(seconds=self._number("RECONCILE_AFTER")),
            limits=self._read("REMINDER_LIMITS", _limits),
            failure_share=share,
            least_attempts=least,
            voip_allowed=self._read("VOIP_NUMBERS", _yes_no),
        )

    @property
    def periods(self) -> Periods:
        """How long each kind of record is kept. Raises ``SettingsError``."""
        return Periods(
            replies=self._days("KEEP_REPLIES"),
            tasks=self._days("KEEP_TASKS"),
            topics=self._days("KEEP_TOPICS"),
            callers=self._days("KEEP_CALLERS"),
            calls=self._days("KEEP_CALLS"),
        )

    def _number(self, name: str) -> float:
        return self._read(name, _above_zero)

    def _read(self, name: str, parse: Callable[[str], Value]) -> Value:
        return _parsed(name, self.sending[name], DEFAULT_SENDING[name], parse)

    def _days(self, name: str) -> timedelta:
        return _parsed(name, self.keeping[name], DEFAULT_PERIODS[name], _days)

    def _attempts(self, name: str) -> tuple[int, timedelta]:
        written = self.attempts.get(name, DEFAULT_ATTEMPTS[name])
        number, _, minutes = written.partition("/")
        needs_minutes = "/" in DEFAULT_ATTEMPTS[name]
        sound = _is_count(number) and (
            _is_count(minutes, MOST_MINUTES, least=0) if needs_minutes else not minutes
        )
        if not sound:
            usual = DEFAULT_ATTEMPTS[name]
            meaning = "attempts/minutes" if needs_minutes else "attempts"
            raise SettingsError(
                f'{name} is "{written}", which is not {meaning}. Write it like {usual}.'
            )
        return int(number), timedelta(minutes=int(minutes or 0))


def _lines_file(given: Mapping[str, str]) -> Path | None:
    if "LINES_FILE" in given:
        return Path(given["LINES_FILE"])
    # Shells give the height of their window under the older name: a bare number is no file.
    name = given.get("LINES", "")
    if not name or name.isdecimal():
        return None
    _log.warning("LINES is read as LINES_FILE, its name of today; please rename it.")
    return Path(name)


def _address(given: Mapping[str, str], name: str) -> str | None:
    url = given.get(name)
    if url is None:
        return None
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.netloc or "@" in parts.netloc:
        raise SettingsError(
            f'{name} is "{url}", which is no address that the carrier could call. Write it as '
            "https://host or https://host/path, without a name and password."
        )
    return url.rstrip("/")


def _parsed(name: str, written: str, usual: str, parse: Callable[[str], Value]) -> Value:
    try:
        return parse(written)
    except ValueError as error:
        raise SettingsError(
            f'{name} is "{written}", which cannot be used: {error} Write it like "{usual}".'
        ) from error


def _above_zero(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = 0
    if not 0 < number < 1_000_000:
        raise ValueError("a number above nought and below a million is wanted.")
    return number


def _delay(text: str) -> timedelta:
    try:
        seconds = float(text)
    except ValueError:
        seconds = -1
    if not 0 <= seconds <= MOST_CONFIRM_AFTER:
        raise ValueError(f"seconds from 0 to {MOST_CONFIRM_AFTER} are wanted.")
    return timedelta(seconds=seconds)


def _is_count(text: str, most: int = MOST_COUNTED, *, least: int = 1) -> bool:
    # More digits than the bound has need no conversion to be out of it.
    short = len(text.lstrip("0")) <= len(str(most))
    return text.isdecimal() and short and least <= int(text) <= most


def _positive(text: str) -> int:
    if not _is_count(text):
        raise ValueError(f"a whole number from 1 to {MOST_COUNTED} is wanted.")
    return int(text)


def _parts(text: str) -> int:
    if not text.isascii() or not text.isdecimal() or int(text) >= 1_000_000:
        raise ValueError("a whole number below a million is wanted; 0 ends all answers.")
    return int(text)


def _days(text: str) -> timedelta:
    if not _is_count(text, MOST_DAYS):
        raise ValueError(f"a whole number of days from 1 to {MOST_DAYS} is wanted.")
    return timedelta(days=int(text))


def _share_and_least(text: str) -> tuple[float, int]:
    """``20%/20``: a share, and the number of messages from which on it counts."""
    share, _, least = text.partition("/")
    return _percent(share), _positive(least)


def _percent(text: str) -> float:
    number = text.removesuffix("%")
    if not text.endswith("%") or not number.isdecimal() or not 0 < int(number) <= 100:
        raise ValueError("a share is written in per cent.")
    return int(number) / 100


def _limits(text: str) -> tuple[ReminderLimit, ...]:
    """``1/7 2/30``: at most one reminder a person in 7 days and two in 30."""
    pairs = [part.partition("/") for part in text.split()]
    if not pairs:
        raise ValueError("it names no limit.")
    return tuple(ReminderLimit(_positive(most), _days(days).days) for most, _, days in pairs)


def _yes_no(text: str) -> bool:
    if text not in {"yes", "no"}:
        raise ValueError("it is neither yes nor no.")
    return text == "yes"
