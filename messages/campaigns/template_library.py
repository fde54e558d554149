"""Templates in the database: every version that was ever saved, none ever changed."""

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from difflib import get_close_matches
from typing import Any

from sqlalchemy import Connection, Row, func, select

from backend.db.message_tables import ASKED_BY_CALL, campaigns, templates
from backend.db.transactions import upserting
from backend.interface.codes import MessageKind
from backend.interface.published_text import PublishedText
from backend.staff.audit import record_act
from backend.staff.users import require_role
from common.error_codes import ErrorCode
from common.errors import RecordsError, TemplateRefusedError
from messages.content.checks import check_template
from messages.content.desk_facts import DeskFacts, DeskFactsError, Slot
from messages.content.findings import Finding
from messages.content.gsm_encoding import Saving, soft_saving
from messages.content.render import BRACES, render, render_with_receipt
from messages.content.report import explain as explain
from messages.content.shipped import is_automatic, shipped_templates

SAMPLE_RECEIPT = "10000000"
SAMPLE_VALUE = 12345

_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,59}")


@dataclass(frozen=True, slots=True)
class StoredTemplate:
    """A version of a template. ``lines`` are the numbers (E.164) that its text spells out.

    Of a published text that callers ask for they are its other figures, too, and ``created_by`` is
    ``ASKED_BY_CALL``. It is ``None`` for a shipped text, and so is ``created_at`` until it is
    first used.
    """

    name: str
    version: int
    kind: MessageKind
    text: str
    lines: tuple[str, ...]
    created_at: datetime | None
    created_by: str | None

    @property
    def is_published(self) -> bool:
        """Whether it is what callers get when they ask for it; staff do not change those."""
        return self.created_by == ASKED_BY_CALL

    @property
    def is_for_many(self) -> bool:
        """Whether it names nothing but the desk, and is no answer that the service gives itself.

        A receipt or a reading is one person's.
        """
        named = {slot[1] for slot in BRACES.finditer(self.text)}
        return named <= set(map(str, Slot)) and not is_automatic(self.name)


@dataclass(frozen=True, slots=True)
class Preview:
    """What a text would cost, and why it may not be sent, if it may not."""

    saving: Saving
    findings: tuple[Finding, ...]


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
    _check_name(name, kind, kind_of(connection, name))
    if _is_published(_newest(connection, name)):
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
    if name in shipped_templates():
        find_template(connection, name, now=now)
    spelled = _spelled_out(text, kind, facts, lines)
    while True:
        newest = _newest(connection, name)
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
        if _insert(connection, saved):
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
        newest = _newest(connection, name) or _shipped(name)
        if newest is not None and not _is_published(newest):
            raise TemplateRefusedError(
                f'"{name}" is a template of another origin already.',
                code=ErrorCode.TEMPLATE_OF_ANOTHER_ORIGIN,
                name=name,
            )
        same = select(templates).where(templates.c.name == name, templates.c.text == published.text)
        for row in connection.execute(same.order_by(templates.c.version)):
            if tuple(row.lines) == figures:
                return _stored(row)
        version = 1 if newest is None else newest.version + 1
        kept = StoredTemplate(
            name, version, MessageKind.SERVICE, published.text, figures, now, ASKED_BY_CALL
        )
        # Another may have kept this version meanwhile: then it is looked at again.
        if _insert(connection, kept):
            return kept


def find_template(
    connection: Connection, name: str, version: int | None = None, *, now: datetime
) -> StoredTemplate:
    """That version of a template, or its newest one, for use in a campaign.

    A shipped text is stored as version 1 when it is first used, so that it outlives a release
    that ships another. Raises ``RecordsError`` for what there is not.
    """
    found = look_up_template(connection, name, version)
    if found.created_at is not None:
        return found
    shipped = StoredTemplate(name, found.version, found.kind, found.text, found.lines, now, None)
    _insert(connection, shipped)
    return look_up_template(connection, name, version)


def look_up_template(
    connection: Connection, name: str, version: int | None = None
) -> StoredTemplate:
    """As ``find_template``, but stores nothing."""
    newest = _newest(connection, name) or _shipped(name)
    if newest is None:
        raise _unknown(connection, name)
    if version in (None, newest.version):
        return newest
    wanted = (templates.c.name == name) & (templates.c.version == version)
    row = connection.execute(select(templates).where(wanted)).one_or_none()
    if row is None:
        raise RecordsError(
            f'Template "{name}" has no version {version}. Name one from 1 to {newest.version}.',
            code=ErrorCode.TEMPLATE_VERSION_UNKNOWN,
            name=name,
            version=version,
            newest=newest.version,
        )
    return _stored(row)


def list_templates(connection: Connection) -> list[StoredTemplate]:
    """The newest version of each template by name, shipped ones included."""
    names = {*connection.scalars(select(templates.c.name).distinct()), *shipped_templates()}
    return [look_up_template(connection, name) for name in sorted(names)]


def versions_of(connection: Connection, name: str) -> list[StoredTemplate]:
    """Every version of a template, the newest first. Raises ``RecordsError`` when there is none."""
    newest = look_up_template(connection, name)
    rows = connection.execute(
        select(templates).where(templates.c.name == name).order_by(templates.c.version.desc())
    )
    return [_stored(row) for row in rows] or [newest]


def preview(
    text: str, kind: MessageKind, facts: DeskFacts, allowed_numbers: Collection[str] = ()
) -> Preview:
    """What a text costs in both spellings, and each rule that it breaks.

    A service message is measured with a confirmation number in it. A text whose slots are wrong
    is measured as it is written.
    """
    findings = check_template(text, kind=kind, desk=facts, allowed_numbers=allowed_numbers)
    try:
        message = (
            render_with_receipt(text, facts, SAMPLE_RECEIPT, SAMPLE_VALUE)
            if kind is MessageKind.SERVICE
            else render(text, facts)
        )
    except ValueError:
        message = text
    return Preview(soft_saving(message), tuple(findings))


def kind_of(connection: Connection, name: str) -> MessageKind | None:
    """What the template of that name is for; ``None`` when there is none."""
    known = _newest(connection, name) or _shipped(name)
    return None if known is None else known.kind


def campaigns_using(connection: Connection, template: StoredTemplate) -> int:
    """How many campaigns were made from this very version."""
    made_from = (campaigns.c.template == template.name) & (
        campaigns.c.template_version == template.version
    )
    count = select(func.count()).select_from(campaigns).where(made_from)
    return connection.execute(count).scalar_one()


@dataclass(frozen=True, slots=True)
class TemplateUse:
    """How many campaigns were made from any version of a template, and when the last of them."""

    campaigns: int
    last_at: datetime | None


def use_of_templates(connection: Connection) -> dict[str, TemplateUse]:
    """The use of each template by its name; rehearsals do not count."""
    used = (
        select(campaigns.c.template, func.count(), func.max(campaigns.c.created_at))
        .where(campaigns.c.rehearsal_of.is_(None))
        .group_by(campaigns.c.template)
    )
    return {name: TemplateUse(n, last) for name, n, last in connection.execute(used)}


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


def _is_published(template: StoredTemplate | None) -> bool:
    return template is not None and template.created_by == ASKED_BY_CALL


def _newest(connection: Connection, name: str) -> StoredTemplate | None:
    versions = select(templates).where(templates.c.name == name)
    row = connection.execute(versions.order_by(templates.c.version.desc()).limit(1)).one_or_none()
    return None if row is None else _stored(row)


def _shipped(name: str) -> StoredTemplate | None:
    template = shipped_templates().get(name)
    if template is None:
        return None
    return StoredTemplate(name, 1, template.kind, template.text, template.lines, None, None)


def _stored(row: Row[Any]) -> StoredTemplate:
    return StoredTemplate(
        row.name,
        row.version,
        MessageKind(row.kind),
        row.text,
        tuple(row.lines),
        row.created_at,
        row.created_by,
    )


def _insert(connection: Connection, template: StoredTemplate) -> bool:
    """Whether this version was not there yet."""
    row = {
        "name": template.name,
        "version": template.version,
        "kind": template.kind.value,
        "text": template.text,
        "lines": list(template.lines),
        "created_at": template.created_at,
        "created_by": template.created_by,
    }
    statement = upserting(connection, templates).values(row).on_conflict_do_nothing()
    added = statement.returning(templates.c.version)
    return connection.execute(added).first() is not None


def _unknown(connection: Connection, name: str) -> RecordsError:
    names = [template.name for template in list_templates(connection)]
    near = get_close_matches(name, names, 1)
    guess = f'Did you mean "{near[0]}"? ' if near else ""
    return RecordsError(
        f'There is no template "{name}". {guess}There are {", ".join(names)}.',
        code=ErrorCode.TEMPLATE_UNKNOWN,
        name=name,
    )
