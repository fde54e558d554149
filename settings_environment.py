"""The environment of a process: the one place in which it is read and completed.

A secret may stand in a file, as Docker, Kubernetes and systemd hand them over: ``NAME_FILE``.
Commands that need the records or the menu alone do not wait for the library of all the settings.
"""

import logging
import os
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from backend.db.default_url import DEFAULT_URL
from common.errors import SettingsError

_log = logging.getLogger("settings")

HERE = Path(__file__).resolve().parent

MENU_TREE = HERE / "menu_tree.yaml"
DESKS = HERE / "desks.yaml"
"""Where those files are when no variable names others."""

SECRETS = (
    *("DATABASE_URL", "BROKER_URL", "SECRET_KEY", "METRICS_TOKEN", "OIDC_CLIENT_SECRET"),
    *("TWILIO_AUTH_TOKEN", "TWILIO_AUTH_TOKEN_PREVIOUS"),
)
"""Variables whose value is told nowhere; each may stand in the file that ``NAME_FILE`` names."""

FILE_SUFFIX = "_FILE"

AUTHORITIES = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")
"""Variables of ``requests``, which all of our HTTPS goes by: whose certificates are trusted."""


def given_variables(environment: Mapping[str, str] = os.environ) -> dict[str, str]:
    """The variables that are set to something; ``LINES`` is none where it is a bare number.

    Shells give the height of their window as LINES, the older name of LINES_FILE.
    """
    given = {name: value for name, value in environment.items() if value}
    if given.get("LINES", "").isdecimal():
        del given["LINES"]
    return given


def read_environment(
    environment: Mapping[str, str] | None = None,
) -> tuple[dict[str, str], list[str]]:
    """The given variables with each secret read from its file, and what is wrong with files.

    A complaint names the variable, the path and the hint, never what stands in the file. The file
    is UTF-8 of one line, whose end does not count.
    """
    found = given_variables(os.environ if environment is None else environment)
    flaws = []
    for name in SECRETS:
        path = found.pop(name + FILE_SUFFIX, None)
        if path is None:
            continue
        try:
            secret = _one_line(Path(path))
            if found.setdefault(name, secret) != secret:
                raise ValueError(f"{name} is set as well, to something else. Set one of them.")
        except ValueError as error:
            flaws.append(f'{name}{FILE_SUFFIX} is "{path}", which cannot be used: {error}')
    if "LINES" in found and "LINES_FILE" not in found:
        _warn_of_lines()
    return found, flaws + _missing_authorities(found)


class DatabaseSettings(NamedTuple):
    """``DATABASE_URL`` and ``SECRET_KEY``, which any text is good for."""

    url: str
    secret_key: str | None


def database_settings(environment: Mapping[str, str] | None = None) -> DatabaseSettings:
    """What ``Settings.from_environment`` has for the database, without a look at other settings.

    Raises ``SettingsError`` for files of secrets that cannot be used.
    """
    found = _read_soundly(environment)
    return DatabaseSettings(found.get("DATABASE_URL", DEFAULT_URL), found.get("SECRET_KEY"))


class MenuSettings(NamedTuple):
    """``MENU_TREE``, ``LINES_FILE`` and ``DESKS``."""

    menu_tree: Path
    lines: Path | None
    desks: Path


def menu_settings(environment: Mapping[str, str] | None = None) -> MenuSettings:
    """What ``Settings.from_environment`` has for the menu, without a look at other settings.

    Raises ``SettingsError`` for files of secrets that cannot be used.
    """
    found = _read_soundly(environment)
    lines = found.get("LINES_FILE", found.get("LINES"))
    return MenuSettings(
        Path(found.get("MENU_TREE", MENU_TREE)),
        None if lines is None else Path(lines),
        Path(found.get("DESKS", DESKS)),
    )


def required(needed: Mapping[str, str | None], refusal: str, hint: str) -> list[str]:
    """The values of these variables, in their order.

    Raises ``SettingsError``, which says ``refusal`` without those that are not set, and the hint.
    """
    missing = [name for name, value in needed.items() if not value]
    if missing:
        raise SettingsError(f"{refusal} without {', '.join(missing)}. {hint}")
    return [value for value in needed.values() if value]


def logs_as_json() -> bool:
    """Whether ``LOG_FORMAT`` asks for JSON, to be known before anything is logged.

    A format that there is not is refused with the other settings.
    """
    return os.environ.get("LOG_FORMAT") == "json"


def load_no_plugins() -> None:
    """Keep pydantic from looking through every installed package for plugins, at each start."""
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")


def complete_environment(values: Mapping[str, str]) -> None:
    """Set variables for this process and those that it starts."""
    os.environ.update(values)


def _read_soundly(environment: Mapping[str, str] | None) -> dict[str, str]:
    found, flaws = read_environment(environment)
    if flaws:
        raise SettingsError("\n".join(flaws))
    return found


def _missing_authorities(given: Mapping[str, str]) -> list[str]:
    """What ``requests`` would trip over at its first encrypted connection."""
    return [
        f'{name} is "{path}", which cannot be used: there is no such file or folder. Name one with '
        "the certificates that are to be trusted, or leave it out for the usual ones."
        for name, path in given.items()
        if name in AUTHORITIES and not Path(path).exists()
    ]


def _one_line(path: Path) -> str:
    try:
        text = path.read_text("utf-8").rstrip("\r\n")
    except UnicodeDecodeError:
        # Without its cause: that holds the bytes of the file.
        raise ValueError("it is not text in UTF-8. Put the secret alone there.") from None
    except OSError as error:
        raise ValueError(
            f"it cannot be read ({error.strerror}). It has to be readable by the service's user."
        ) from error
    if not text.strip():
        raise ValueError("it is empty. Put the secret there, on one line.")
    if len(text.splitlines()) > 1:
        raise ValueError("it has more than one line. Put the secret alone there.")
    return text


@lru_cache(maxsize=1)
def _warn_of_lines() -> None:
    _log.warning(
        "LINES is read as LINES_FILE, its name of today; please rename it.",
        extra={"event": "setting_renamed"},
    )
