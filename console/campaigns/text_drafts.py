"""Texts that somebody has begun to write: kept as they type, found again, discarded."""

import re

from flask import Blueprint, request, url_for
from markupsafe import Markup
from werkzeug.exceptions import NotFound

from backend.staff.drafts import (
    DraftError,
    StoredDraft,
    discard_own_draft,
    draft_id_of,
    drafts_of,
    find_draft,
    keep_draft,
)
from console.campaigns.text_form import TemplateForm, template_form, typed
from console.web.access import needs, signed
from console.web.kept import kept_state, number_in
from console.web.pages import Reply, done
from console.web.parts import parts, reading, writing
from console.web.words import _

blueprint = Blueprint("text_drafts", __name__)

_ID = re.compile(r"[0-9a-f]{16}")


@blueprint.post("/templates/draft")
@needs("template.write")
def keep() -> Reply:
    """Keep what stands in the editor; a region of it."""
    form = template_form()
    since = number_in(form.draft_version.data)
    if not (form.name.data or form.text.data):
        return kept_state(None, since, quiet=True)
    try:
        return kept_state(keep_typed(form), since)
    except DraftError:
        return kept_state(None, since)


@blueprint.post("/templates/draft/<draft_id>/discard")
@needs("template.write")
def discard(draft_id: str) -> Reply:
    """Forget what was typed; the template is as it was."""
    if not _ID.fullmatch(draft_id):
        raise NotFound
    name = request.args.get("of")
    with writing() as connection:
        discard_own_draft(connection, draft_id, signed().name)
    place = url_for("templates.template", name=name) if name else url_for("templates.templates")
    return done(_("Your draft was discarded."), place)


def keep_typed(form: TemplateForm) -> StoredDraft:
    """Keep what stands in the form as this user's draft.

    Raises ``DraftError`` when another window has kept something else meanwhile.
    """
    text, kind = typed(form)
    name = form.name.data or ""
    version = number_in(form.version.data)
    data = {"name": name, "kind": kind.value, "text": text, "version": version}
    by, of = signed().name, name if version else ""
    draft_id = draft_id_of("template", by, of) if of else form.draft.data or ""
    if not _ID.fullmatch(draft_id):
        draft_id = parts().rng.randbytes(8).hex()
    form.draft.data, since = draft_id, number_in(form.draft_version.data)
    with writing() as connection:
        now = parts().clock()
        return keep_draft(connection, draft_id, "template", by, of, data, since, now)


def draft_of(name: str) -> StoredDraft | None:
    """What this user has begun to change in that template."""
    return _find(draft_id_of("template", signed().name, name))


def begun(draft_id: str) -> StoredDraft:
    """The new text that this user has begun under that id. Raises ``NotFound``."""
    found = _find(draft_id)
    if found is None or found.step:
        raise NotFound
    return found


def begun_texts() -> list[tuple[str, str]]:
    """What this user has begun to write: the names with the addresses to go on at."""
    with reading() as connection:
        found = drafts_of(connection, signed().name, "template")
    return [(each.data.get("name") or _("without a name"), address_of(each)) for each in found]


def address_of(draft: StoredDraft) -> str:
    """Where its author goes on with it."""
    if draft.step:
        return url_for("templates.edit", name=draft.step)
    return url_for("templates.new", draft=draft.draft_id)


def state_of(form: TemplateForm, draft: StoredDraft | None) -> Markup:
    """The editor's region that tells when its text was last kept."""
    return kept_state(draft, number_in(form.draft_version.data), quiet=True)


def _find(draft_id: str) -> StoredDraft | None:
    try:
        with reading() as connection:
            return find_draft(connection, draft_id, signed().name, "template")
    except DraftError:
        return None
