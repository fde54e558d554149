"""The demonstration's settings, left in a file for the commands that are typed beside it."""

import shlex
from collections.abc import Sequence
from pathlib import Path

from backend.db.default_url import DEFAULT_URL
from settings_environment import FILE_SUFFIX, SECRETS, complete_environment, given_variables

LOCAL_SETTINGS = Path("var/local.env")
"""Where ``make run`` leaves the settings of the service that it started."""

NO_ACCOUNT = "AC" + "0" * 32

ON_RECORDS = frozenset(
    {
        *("api-hook", "api-key", "campaign", "carrier", "desk", "export", "notice", "person"),
        *("reconcile", "requests", "retention", "stats", "stop", "task", "template", "user"),
        "window",
    }
)
"""Commands that work on records, or an account at the carrier, which are there already."""


def local_settings() -> dict[str, str]:
    """What ``make run`` left in ``LOCAL_SETTINGS``; empty when it has not run in this folder."""
    lines = LOCAL_SETTINGS.read_text("utf-8").splitlines() if LOCAL_SETTINGS.is_file() else []
    pairs = (line.partition("=") for line in lines)
    return {name: "".join(shlex.split(value)) for name, _, value in pairs if value}


def take_local_settings(arguments: Sequence[str]) -> bool:
    """Let a command work on the demonstration where there is nothing else that could be meant.

    That is so when no setting and no ``--database`` is given, and the default database does not
    exist: the command could only fail. Returns whether the environment was completed.
    """
    settings = local_settings()
    if not settings or ON_RECORDS.isdisjoint(arguments[:1]):
        return False
    elsewhere = (name + FILE_SUFFIX for name in SECRETS)
    is_meant = (
        not any(argument.startswith("--database") for argument in arguments)
        and given_variables().keys().isdisjoint([*settings, *elsewhere, "LINES"])
        and not Path(DEFAULT_URL.removeprefix("sqlite:///")).exists()
    )
    if is_meant:
        complete_environment(settings)
    return is_meant
