"""The settings, all from environment variables; each has a default or says what is missing."""

import hashlib
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

from backend.context import IdentificationLimits
from backend.database import DEFAULT_URL

HERE = Path(__file__).resolve().parent

DEFAULT_VOICES = {"hu": "Google.hu-HU-Wavenet-A", "en": "Google.en-GB-Wavenet-A"}
"""Voices of the carrier by language; ``VOICE_HU`` and ``VOICE_EN`` name others."""


DEFAULT_ATTEMPTS = {
    "ATTEMPTS_PER_CALL": "3",
    "ATTEMPTS_PER_CALLER": "10/60",
    "ATTEMPTS_PER_SITE": "10/1440",
}
"""Failed identifications before the lock-out: how many, and within how many minutes."""


class SettingsError(Exception):
    """A setting that cannot be used; names the variable, its value and the mend."""


@dataclass(frozen=True)
class Settings:
    """What a deployment decides. ``public_url`` is the address under which the carrier calls."""

    database_url: str = DEFAULT_URL
    public_url: str | None = None
    auth_token: str | None = field(default=None, repr=False)
    secret_key: str | None = field(default=None, repr=False)
    menu_tree: Path = HERE / "menu_tree.yaml"
    desks: Path = HERE / "desks.yaml"
    calendar: Path = HERE / "calendar.yaml"
    voices: Mapping[str, str] = field(default_factory=lambda: dict(DEFAULT_VOICES))
    attempts: Mapping[str, str] = field(default_factory=lambda: dict(DEFAULT_ATTEMPTS))

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
            desks=Path(given.get("DESKS", HERE / "desks.yaml")),
            calendar=Path(given.get("CALENDAR", HERE / "calendar.yaml")),
            voices={
                language: given.get(f"VOICE_{language.upper()}", voice)
                for language, voice in DEFAULT_VOICES.items()
            },
            attempts={name: given.get(name, usual) for name, usual in DEFAULT_ATTEMPTS.items()},
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
        return IdentificationLimits(per_call, per_caller, caller_within, per_site, site_within)

    def _attempts(self, name: str) -> tuple[int, timedelta]:
        written = self.attempts[name]
        number, _, minutes = written.partition("/")
        needs_minutes = "/" in DEFAULT_ATTEMPTS[name]
        if not number.isdecimal() or int(number) < 1 or minutes.isdecimal() != needs_minutes:
            usual = DEFAULT_ATTEMPTS[name]
            meaning = "attempts/minutes" if needs_minutes else "attempts"
            raise SettingsError(
                f'{name} is "{written}", which is not {meaning}. Write it like {usual}.'
            )
        return int(number), timedelta(minutes=int(minutes or 0))


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
