"""Templates: the list, each with its versions, and the editor that checks while one types."""

from unicodedata import normalize

from flask import Blueprint, request, url_for
from werkzeug.exceptions import NotFound
from wtforms import HiddenField, SelectField, StringField, TextAreaField

from backend.interface.codes import MessageKind
from common.error_codes import ErrorCode
from common.errors import RecordsError, TemplateRefusedError
from console.campaigns.marked import with_changes, with_marks
from console.web.access import needs, signed
from console.web.forms import Form, required
from console.web.pages import Reply, done, page, refused
from console.web.parts import parts, reading, writing
from console.web.words import N_, _, word
from messages.campaigns.desk_contact import desk_facts, desk_lines
from messages.campaigns.template_library import (
    Preview,
    StoredTemplate,
    campaigns_using,
    list_templates,
    preview,
    save_template,
    use_of_templates,
    versions_of,
)
from messages.content.desk_facts import Slot
from messages.content.gsm_encoding import GSM_BASIC, GSM_EXTENSION

blueprint = Blueprint("templates", __name__)

SLOTS = tuple(f"{{{slot}}}" for slot in Slot)
_REFUSED = {
    ErrorCode.TEMPLATE_NAME_INVALID: (
        "name",
        N_("Use small letters without accents, figures, _ and -, and begin with a letter."),
    ),
    ErrorCode.TEMPLATE_KIND_FIXED: ("kind", N_("This template has another kind and keeps it.")),
    ErrorCode.TEMPLATE_OF_ANOTHER_ORIGIN: (
        "name",
        N_("Callers get this text when they ask for it. Save yours under another name."),
    ),
    ErrorCode.TEMPLATE_EMPTY: ("text", N_("Write the text.")),
    ErrorCode.TEMPLATE_REFUSED: ("text", N_("Mend what is marked below, then save again.")),
}


class TemplateForm(Form):
    """A text under a name; ``version`` is the one that it was changed from."""

    name = StringField(N_("Name"), [required(N_("Give the template a name."))])
    kind = SelectField(N_("Kind"), choices=[])
    text = TextAreaField(N_("Text"), [required(N_("Write the text."))])
    version = HiddenField(default="0")


@blueprint.get("/templates")
@needs("template.see")
def templates() -> Reply:
    """List the newest version of each."""
    with reading() as connection:
        found = list_templates(connection)
        use = use_of_templates(connection)
    rows = [(each, _preview(each.text, each.kind), use.get(each.name)) for each in found]
    return page("templates/list.html", title=_("Templates"), rows=rows)


@blueprint.get("/templates/<name>")
@needs("template.see")
def template(name: str) -> Reply:
    """One template: its text, what it costs, its versions."""
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
    """Write a template of a new name."""
    form = _form()
    if request.method == "GET":
        return _editor(form, _("New template"))
    return _save(form, _("New template"), None)


@blueprint.route("/templates/<name>/edit", methods=["GET", "POST"])
@needs("template.write")
def edit(name: str) -> Reply:
    """Write the next version of a template."""
    newest = _versions(name)[0]
    if newest.is_published:
        raise NotFound
    title = _("Change the template: %(name)s", name=name)
    if request.method == "GET":
        form = _form(text=newest.text, version=str(newest.version), kind=newest.kind.value)
        return _editor(form, title, newest)
    form = _form(name=name, kind=newest.kind.value)
    if form.version.data != str(newest.version):
        # Both are shown: what stands there now, and in the field what was typed.
        form.version.data = str(newest.version)
        return _editor(form, title, newest, status=409)
    return _save(form, title, newest)


@blueprint.post("/templates/check")
@needs("template.write")
def check() -> Reply:
    """What the checks say of the text as it is typed; a region of the editor."""
    form = _form()
    return page("templates/_check.html", title="", check=_check(*_typed(form)))


def _save(form: TemplateForm, title: str, newest: StoredTemplate | None) -> Reply:
    if "check" in request.form:
        return _editor(form, title, newest)
    if not form.validate():
        return _editor(form, title, newest, status=422)
    text, kind = _typed(form)
    name = (form.name.data or "").strip()
    facts, lines = desk_facts(parts().desks, kind), set(desk_lines(parts().desks, kind))
    try:
        with writing() as connection:
            if newest is None and _is_taken(name):
                form.name.errors = [_("There is a template of this name already.")]
                return _editor(form, title, None, status=422)
            by, now = signed().name, parts().clock()
            lines |= set() if newest is None else set(newest.lines)
            saved = save_template(connection, name, kind, text, lines, by, now, facts)
    except TemplateRefusedError as error:
        field, sentence = _REFUSED.get(error.code, ("text", N_("This text cannot be saved.")))
        form[field].errors = [_(sentence)]
        return _editor(form, title, newest, status=422)
    return done(
        _("Saved as version %(version)s.", version=saved.version),
        url_for(".template", name=saved.name),
    )


def _editor(
    form: TemplateForm, title: str, newest: StoredTemplate | None = None, status: int = 200
) -> Reply:
    values = {
        "newest": newest,
        "check": _check(*_typed(form)) if form.text.data else None,
        "slots": SLOTS,
        "stale": status == 409,
    }
    if status == 200:
        return page("templates/edit.html", title=title, form=form, **values)
    return refused("templates/edit.html", title=title, form=form, status=status, **values)


def _form(**known: str) -> TemplateForm:
    """The form as it was sent, or empty; ``known`` is what its author does not choose."""
    sent = request.form.copy()
    for name, value in known.items():
        sent[name] = value
    form = TemplateForm(sent)
    form.kind.choices = [(kind.value, word("template kind", kind.value)) for kind in MessageKind]
    return form


def _typed(form: TemplateForm) -> tuple[str, MessageKind]:
    text = normalize("NFC", form.text.data or "").replace("\r\n", "\n").rstrip("\n")
    kind = form.kind.data if form.kind.data in set(MessageKind) else MessageKind.DEBT
    return text, MessageKind(kind)


def _versions(name: str) -> list[StoredTemplate]:
    try:
        with reading() as connection:
            return versions_of(connection, name)
    except RecordsError as error:
        raise NotFound from error


def _is_taken(name: str) -> bool:
    try:
        return bool(_versions(name))
    except NotFound:
        return False


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
