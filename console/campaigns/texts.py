"""Templates: the list, each with its versions, and the editor that checks while one types."""

from flask import Blueprint, request, url_for
from werkzeug.exceptions import NotFound

from backend.interface.codes import MessageKind
from backend.staff.drafts import DraftError, StoredDraft, discard_own_draft, draft_id_of
from common.error_codes import ErrorCode
from common.errors import DatabaseUnreachableError, RecordsError, TemplateRefusedError
from console.campaigns.marked import with_changes, with_marks
from console.campaigns.text_drafts import (
    address_of,
    begun,
    begun_texts,
    draft_of,
    keep_typed,
    state_of,
)
from console.campaigns.text_form import REFUSED, TemplateForm, template_form, typed
from console.web.access import may, needs, signed
from console.web.kept import number_in
from console.web.pages import Reply, done, page, refused
from console.web.parts import parts, reading, writing
from console.web.refusals import refusal
from console.web.words import N_, _
from messages.campaigns.desk_contact import desk_facts, desk_lines
from messages.campaigns.template_library import (
    Preview,
    StoredTemplate,
    campaigns_using,
    list_templates,
    preview,
    use_of_templates,
    versions_of,
)
from messages.campaigns.template_saving import save_template
from messages.content.desk_facts import Slot
from messages.content.gsm_encoding import GSM_BASIC, GSM_EXTENSION

blueprint = Blueprint("templates", __name__)

SLOTS = tuple(f"{{{slot}}}" for slot in Slot)


@blueprint.get("/templates")
@needs("template.see")
def templates() -> Reply:
    with reading() as connection:
        found = list_templates(connection)
        use = use_of_templates(connection)
    rows = [(each, _preview(each.text, each.kind), use.get(each.name)) for each in found]
    begun_by_me = begun_texts() if may("template.write") else []
    return page("templates/list.html", title=_("Templates"), rows=rows, begun=begun_by_me)


@blueprint.get("/templates/<name>")
@needs("template.see")
def template(name: str) -> Reply:
    versions = _versions(name)
    with reading() as connection:
        used = [campaigns_using(connection, each) for each in versions]
    older: list[StoredTemplate | None] = [*versions[1:], None]
    compared = [
        (each, count, each.text if before is None else with_changes(before.text, each.text))
        for each, count, before in zip(versions, used, older, strict=True)
    ]
    newest = versions[0]
    return page(
        "templates/one.html",
        title=_("Template: %(name)s", name=name),
        shown=newest,
        versions=compared,
        check=_check(newest.text, newest.kind),
    )


@blueprint.route("/templates/new", methods=["GET", "POST"])
@needs("template.write")
def new() -> Reply:
    if request.method == "POST":
        return _save(template_form(), _("New template"), None)
    wanted = request.args.get("draft")
    if wanted is None:
        return _editor(template_form(draft=parts().rng.randbytes(8).hex()), _("New template"))
    draft = begun(wanted)
    known = {name: str(draft.data[name]) for name in ("name", "kind", "text")}
    return _editor(template_form(draft=wanted, **known), _("New template"), draft=draft)


@blueprint.route("/templates/<name>/edit", methods=["GET", "POST"])
@needs("template.write")
def edit(name: str) -> Reply:
    newest = _versions(name)[0]
    if newest.is_published:
        raise NotFound
    title = _("Change the template: %(name)s", name=name)
    known = {"name": name, "kind": newest.kind.value}
    if request.method == "POST":
        return _save(template_form(**known), title, newest)
    draft = draft_of(name)
    if draft is None:
        form = template_form(text=newest.text, version=str(newest.version), **known)
        return _editor(form, title, newest)
    form = template_form(text=draft.data["text"], version=str(draft.data["version"]), **known)
    return _editor(form, title, newest, draft=draft)


@blueprint.post("/templates/check")
@needs("template.write")
def check() -> Reply:
    """What the checks say of the text as it is typed; a region of the editor."""
    return page("templates/_check.html", title="", check=_check(*typed(template_form())))


def _save(form: TemplateForm, title: str, newest: StoredTemplate | None) -> Reply:
    if "keep" in request.form or "check" in request.form:
        return _keep(form, title, newest)
    if not form.validate():
        return _editor(form, title, newest, status=422)
    text, kind = typed(form)
    name = (form.name.data or "").strip()
    facts, lines = desk_facts(parts().desks, kind), set(desk_lines(parts().desks, kind))
    lines |= set() if newest is None else set(newest.lines)
    by, now, since = signed().name, parts().clock(), number_in(form.version.data)
    try:
        with writing() as connection:
            saved = save_template(
                connection, name, kind, text, lines, by, now, facts, changed_from=since
            )
            draft_id = form.draft.data or "" if newest is None else _draft_id(name)
            discard_own_draft(connection, draft_id, by)
    except TemplateRefusedError as error:
        if error.code is ErrorCode.TEMPLATE_CHANGED and newest is not None:
            return _editor(form, title, _versions(name)[0], status=409)
        # A new name that is there already has another kind, or the same one.
        taken = newest is None and error.code is ErrorCode.TEMPLATE_KIND_FIXED
        code = ErrorCode.TEMPLATE_CHANGED if taken else error.code
        field, sentence = REFUSED.get(code, ("text", N_("This text cannot be saved.")))
        form[field].errors = [_(sentence)]
        return _editor(form, title, newest, status=422)
    return done(
        _("Saved as version %(version)s.", version=saved.version),
        url_for(".template", name=saved.name),
    )


def _keep(form: TemplateForm, title: str, newest: StoredTemplate | None) -> Reply:
    """Keep the draft, for whom nothing keeps it while they type; then go on writing."""
    try:
        draft = keep_typed(form)
    except DraftError as error:
        form.text.errors = [refusal(error)]
        return _editor(form, title, newest, status=409)
    if "check" in request.form:
        return _editor(form, title, newest, draft=draft)
    return done(_("Your draft is saved. It waits for you among your tasks."), address_of(draft))


def _editor(
    form: TemplateForm,
    title: str,
    newest: StoredTemplate | None = None,
    status: int = 200,
    draft: StoredDraft | None = None,
) -> Reply:
    stale = newest is not None and number_in(form.version.data) != newest.version
    if newest is not None and stale:
        # Both are shown: what stands there now, and in the field what was typed.
        form.version.data = str(newest.version)
    text = typed(form)[0]
    values = {
        "newest": newest,
        "check": _check(*typed(form)) if form.text.data else None,
        "slots": SLOTS,
        "stale": stale,
        "changes": with_changes(newest.text, text) if newest is not None and stale else None,
        "draft": draft,
        "draft_id": form.draft.data if newest is None else _draft_id(newest.name),
        "kept": state_of(form, draft),
    }
    if status == 200:
        return page("templates/edit.html", title=title, form=form, **values)
    return refused("templates/edit.html", title=title, form=form, status=status, **values)


def _draft_id(name: str) -> str:
    return draft_id_of("template", signed().name, name)


def _versions(name: str) -> list[StoredTemplate]:
    try:
        with reading() as connection:
            return versions_of(connection, name)
    except DatabaseUnreachableError:
        raise
    except RecordsError as error:
        raise NotFound from error


def _preview(text: str, kind: MessageKind) -> Preview:
    return preview(text, kind, desk_facts(parts().desks, kind), desk_lines(parts().desks, kind))


def _check(text: str, kind: MessageKind) -> dict[str, object]:
    """The costs of both spellings, what makes the text dear, and the findings with their marks."""
    found = _preview(text, kind)
    return {
        "saving": found.saving,
        "dear": sorted({sign for sign in text if sign not in GSM_BASIC + GSM_EXTENSION}),
        "findings": found.findings,
        "marked": with_marks(text, [(each.start, each.end) for each in found.findings]),
    }
