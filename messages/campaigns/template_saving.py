"""Saving a text of staff, or one that is published, as the next version of a template."""

import re
from collections.abc import Collection
from datetime import datetime

from sqlalchemy import Connection, select

from backend.db.tables.messages import ASKED_BY_CALL, templates
from backend.interface.codes import MessageKind
from backend.interface.published_text import PublishedText
from backend.staff.audit import record_act
from backend.staff.users import require_role
from common.error_codes import ErrorCode
from common.errors import TemplateRefusedError
from messages.campaigns.template_library import (
    StoredTemplate,
    find_template,
    insert_version,
    kind_of,
    newest_stored,
    shipped_version,
    stored_template,
)
from messages.content.checks import check_template
from messages.content.desk_facts import DeskFacts, DeskFactsError
from messages.content.report import explain
from messages.content.shipped import shipped_templates

_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,59}")


def save_template(
    connection: Connection,
    name: str,
    kind: MessageKind,
    text: str,
    lines: Collection[str],
    by: str,
    now: datetime,
    facts: DeskFacts,
    *,
    changed_from: int | None = None,
) -> StoredTemplate:
    """Save a text as the newest version of that name; the newest one again changes nothing.

    Of ``lines`` those are kept that the text spells out. With ``changed_from`` it is refused unless
    the newest version is still that one, 0 for a new name. Raises ``TemplateRefusedError``, also
    for a text that may not be sent or a name of another kind, and ``UserError``.
    """
    require_role(connection, by, "sender", "admin")
    _refuse_unless_sendable(connection, name, kind, text, lines, facts)
    if name in shipped_templates():
        find_template(connection, name, now=now)
    spelled = _spelled_out(text, kind, facts, lines)
    while True:
        newest = newest_stored(connection, name)
        if newest and newest.text == text and set(newest.lines) == set(spelled):
            return newest
        known = 0 if newest is None else newest.version
        if changed_from not in (None, known):
            raise TemplateRefusedError(
                f'"{name}" has version {known} by now. Read it before you save another one.',
                code=ErrorCode.TEMPLATE_CHANGED,
                name=name,
                version=known,
            )
        version = known + 1
        saved = StoredTemplate(name, version, kind, text, spelled, now, by)
        # Another may have saved this version meanwhile: then the next one is ours.
        if insert_version(connection, saved):
            record_act(connection, by, "template save", name, f"version {version}", now)
            return saved


def save_published_version(
    connection: Connection, published: PublishedText, now: datetime
) -> StoredTemplate:
    """Keep a published text as a version of its name, once for each wording.

    Whoever calls this has checked it. Raises ``TemplateRefusedError`` when the name cannot be one,
    or is that of a template of another origin.
    """
    name, figures = published.name, tuple(published.figures)
    _check_name(name, MessageKind.SERVICE, kind_of(connection, name))
    while True:
        newest = newest_stored(connection, name) or shipped_version(name)
        if newest is not None and not newest.is_published:
            raise TemplateRefusedError(
                f'"{name}" is a template of another origin already.',
                code=ErrorCode.TEMPLATE_OF_ANOTHER_ORIGIN,
                name=name,
            )
        same = select(templates).where(templates.c.name == name, templates.c.text == published.text)
        for row in connection.execute(same.order_by(templates.c.version)):
            if tuple(row.lines) == figures:
                return stored_template(row)
        version = 1 if newest is None else newest.version + 1
        kept = StoredTemplate(
            name, version, MessageKind.SERVICE, published.text, figures, now, ASKED_BY_CALL
        )
        # Another may have kept this version meanwhile: then it is looked at again.
        if insert_version(connection, kept):
            return kept


def _refuse_unless_sendable(
    connection: Connection,
    name: str,
    kind: MessageKind,
    text: str,
    lines: Collection[str],
    facts: DeskFacts,
) -> None:
    _check_name(name, kind, kind_of(connection, name))
    newest = newest_stored(connection, name)
    if newest is not None and newest.is_published:
        raise TemplateRefusedError(
            f'"{name}" is what callers get when they ask for it. Save yours under another name.',
            code=ErrorCode.TEMPLATE_OF_ANOTHER_ORIGIN,
            name=name,
        )
    if not text.strip():
        raise TemplateRefusedError("The text is empty. Write one.", code=ErrorCode.TEMPLATE_EMPTY)
    try:
        findings = check_template(text, kind=kind, desk=facts, allowed_numbers=lines)
    except DeskFactsError as error:
        raise TemplateRefusedError(
            f"A line cannot be named: {error}.", code=ErrorCode.TEMPLATE_LINE_INVALID
        ) from error
    if findings:
        raise TemplateRefusedError(explain(text, findings), findings=tuple(findings))


def _check_name(name: str, kind: MessageKind, known: MessageKind | None) -> None:
    if not _NAME.fullmatch(name):
        raise TemplateRefusedError(
            f'"{name}" cannot be a template\'s name. Use small letters without accents, figures, '
            "_ and -, and begin with a letter or figure.",
            code=ErrorCode.TEMPLATE_NAME_INVALID,
            name=name,
        )
    if known not in (None, kind):
        raise TemplateRefusedError(
            f'"{name}" is a {known} template and stays one. Save a {kind} message under another '
            "name.",
            code=ErrorCode.TEMPLATE_KIND_FIXED,
            name=name,
            kind=str(known),
        )


def _spelled_out(
    text: str, kind: MessageKind, facts: DeskFacts, lines: Collection[str]
) -> tuple[str, ...]:
    """The lines without which the text could not be sent."""
    distinct = sorted(set(lines))
    return tuple(
        line
        for line in distinct
        if check_template(
            text,
            kind=kind,
            desk=facts,
            allowed_numbers=[other for other in distinct if other != line],
        )
    )
