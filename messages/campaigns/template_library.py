"""Templates in the database: every version that was ever saved, none ever changed."""

from collections.abc import Collection
from dataclasses import asdict, dataclass
from datetime import datetime
from difflib import get_close_matches
from typing import Any

from sqlalchemy import Connection, Row, func, select

from backend.db.tables.messages import ASKED_BY_CALL, campaigns, templates
from backend.db.transactions import upserting
from backend.interface.codes import MessageKind
from common.error_codes import ErrorCode
from common.errors import RecordsError
from messages.content.checks import check_template
from messages.content.desk_facts import DeskFacts, Slot
from messages.content.findings import Finding
from messages.content.gsm_encoding import Saving, soft_saving
from messages.content.render import BRACES, render, render_with_receipt
from messages.content.shipped import is_automatic, shipped_templates

SAMPLE_RECEIPT = "10000000"
SAMPLE_VALUE = 12345


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
    insert_version(connection, shipped)
    return look_up_template(connection, name, version)


def look_up_template(
    connection: Connection, name: str, version: int | None = None
) -> StoredTemplate:
    """As ``find_template``, but stores nothing."""
    newest = newest_stored(connection, name) or shipped_version(name)
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
    return stored_template(row)


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
    return [stored_template(row) for row in rows] or [newest]


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
    known = newest_stored(connection, name) or shipped_version(name)
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


def newest_stored(connection: Connection, name: str) -> StoredTemplate | None:
    versions = select(templates).where(templates.c.name == name)
    row = connection.execute(versions.order_by(templates.c.version.desc()).limit(1)).one_or_none()
    return None if row is None else stored_template(row)


def shipped_version(name: str) -> StoredTemplate | None:
    """The text that the release ships under that name."""
    template = shipped_templates().get(name)
    if template is None:
        return None
    return StoredTemplate(name, 1, template.kind, template.text, template.lines, None, None)


def stored_template(row: Row[Any]) -> StoredTemplate:
    return StoredTemplate(
        row.name,
        row.version,
        MessageKind(row.kind),
        row.text,
        tuple(row.lines),
        row.created_at,
        row.created_by,
    )


def insert_version(connection: Connection, template: StoredTemplate) -> bool:
    """Store a version; whether it was not there yet."""
    row = asdict(template) | {"kind": template.kind.value, "lines": list(template.lines)}
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
