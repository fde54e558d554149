"""The settings, all from environment variables; each has a default or says what is missing."""

import hashlib
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

HERE = Path(__file__).resolve().parent

DEFAULT_DATABASE_URL = "sqlite:///var/zoldszam.db"

DEFAULT_VOICES = {"hu": "Google.hu-HU-Wavenet-A", "en": "Google.en-GB-Wavenet-A"}
"""Voices of the carrier by language; ``VOICE_HU`` and ``VOICE_EN`` name others."""


class SettingsError(Exception):
    """A setting that cannot be used; names the variable, its value and the mend."""


@dataclass(frozen=True)
class Settings:
    """What a deployment decides. ``public_url`` is the address under which the carrier calls."""

    database_url: str = DEFAULT_DATABASE_URL
    public_url: str | None = None
    auth_token: str | None = field(default=None, repr=False)
    secret_key: str | None = field(default=None, repr=False)
    menu_tree: Path = HERE / "menu_tree.yaml"
    desks: Path = HERE / "desks.yaml"
    calendar: Path = HERE / "calendar.yaml"
    voices: Mapping[str, str] = field(default_factory=lambda: dict(DEFAULT_VOICES))

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> "Settings":
        """Read the settings; an empty variable counts as not set. Raises ``SettingsError``."""
        given = {name: value for name, value in environment.items() if value}
        return cls(
            database_url=given.get("DATABASE_URL", DEFAULT_DATABASE_URL),
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
        )

    @property
    def caller_secret(self) -> bytes:
        """The key under which callers and sites are hashed for the lock-out.

        Made from ``SECRET_KEY``, else from the carrier's token, so that all workers share it.
        """
        source = self.secret_key or self.auth_token or "no secret is configured"
        return hashlib.sha256(f"callers:{source}".encode()).digest()


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
