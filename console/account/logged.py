"""Entries of the log in words: who, on what, and what else there is to tell."""

from collections.abc import Callable, Collection, Mapping

from flask import url_for

from backend.staff.audit import RESTORE, Act
from backend.staff.authentication.provider_login import BY_PROVIDER
from backend.staff.users import COMMAND_LINE
from console.web.access import may
from console.web.words import N_, _, word
from messages.campaigns.pause_reasons import PauseReason

NOBODY = "console"
"""Under what a failed login at the provider is recorded when nobody knows whose it was."""

_OF_ACCOUNTS = frozenset({"login", "logout", "password", "factor", "passkey"})
_OF_USERS = _OF_ACCOUNTS | {"user", "identity"}
_NUMBERED = {
    "task": N_("task %(number)s"),
    "notice": N_("notice %(number)s"),
    "window": N_("window %(number)s"),
}
_OF_MANY = frozenset({"debt", "records", "requests"})
"""What another system does to many at once: how many stands in the details."""
_SHOWN_KEY = 12
"""Signs of a stopped number's key: enough to tell two apart."""


def actor(by: str) -> str:
    """Who it was; the service itself and the command line have no name of a user."""
    if by in ("worker", RESTORE):
        return _("the service")
    if by == NOBODY:
        return _("nobody known")
    return _("the command line") if by == COMMAND_LINE else by


def on_what(act: Act) -> str:
    """The subject: what has a number by its kind, a code in words, nothing of one's own account."""
    kind = act.act.split(" ")[0]
    if (kind in _OF_ACCOUNTS and act.subject == act.by) or kind in _OF_MANY:
        return ""
    if kind in _NUMBERED:
        return _(_NUMBERED[kind], number=act.subject)
    if kind == "stop":
        return act.subject[:_SHOWN_KEY]
    if kind == "console":
        return word("permission", act.subject)
    if kind == "export":
        return download_named(act.subject)
    if kind == "login" and act.subject == BY_PROVIDER:
        return _("company account")
    return act.subject


def where(act: Act, users: Collection[str]) -> str | None:
    """The page of the subject, where there is one that this user may open."""
    kind, subject = act.act.split(" ")[0], act.subject
    if not on_what(act):
        return None
    if kind == "campaign" and may("campaign.see"):
        return url_for("campaigns.one", campaign_id=subject)
    if kind == "task" and may("inbox.see"):
        return url_for("inbox.task", number=subject)
    if kind == "template" and may("template.see"):
        return url_for("templates.template", name=subject)
    if kind in _OF_USERS and subject in users and may("staff.manage"):
        return url_for("staff.one", name=subject)
    return None


def detail(act: Act) -> str:
    """What else was written down, in words where it is a code."""
    told = act.detail or ""
    said = _SAID.get(act.act)
    return told if said is None or not told else said(told)


def _finished(told: str) -> str:
    """``verify_opt_out done: the note``."""
    codes, colon, note = told.partition(":")
    return f"{word('task outcome', codes.split(' ')[-1])}{colon}{note}"


def _paused(told: str) -> str:
    reason = PauseReason.from_stored(told)
    return word("pause reason", reason.code) % reason.values


def _version(told: str) -> str:
    """``version 3``, or the same with the campaign and name of a template before it."""
    *_campaign, name, _version, version = ["", *told.split(" ")]
    return " ".join(filter(None, (name, _("version %(version)s", version=version))))


_SAID: Mapping[str, Callable[[str], str]] = {
    "user add": lambda told: word("role", told),
    "user role": lambda told: word("role", told),
    "stop add": lambda told: word("stop reason", told),
    "stop remove": lambda told: word("stop reason", told),
    "notice add": lambda told: word("notice kind", told),
    "login": lambda told: word("login detail", told),
    "login failure": lambda told: word("login detail", told),
    "task finish": _finished,
    "task reply": _version,
    "template save": _version,
    "campaign pause": _paused,
}


def download_named(subject: str) -> str:
    """``campaign letters C1``: the list in words, and the id of what it is of."""
    words = subject.split(" ")
    kind = " ".join(words[:2]) if words[0] in ("campaign", "draft") else words[0]
    return " ".join((word("download", kind), *words[2:]))
