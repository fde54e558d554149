"""The form of a template: what is typed in the editor, and what the use case refuses in it."""

from unicodedata import normalize

from flask import request
from wtforms import HiddenField, SelectField, StringField, TextAreaField

from backend.interface.codes import MessageKind
from common.error_codes import ErrorCode
from console.web.forms import Form, choices, required
from console.web.words import N_, word

REFUSED = {
    ErrorCode.TEMPLATE_NAME_INVALID: (
        "name",
        N_("Use small letters without accents, figures, _ and -, and begin with a letter."),
    ),
    ErrorCode.TEMPLATE_KIND_FIXED: ("kind", N_("This template has another kind and keeps it.")),
    ErrorCode.TEMPLATE_OF_ANOTHER_ORIGIN: (
        "name",
        N_("Callers get this text when they ask for it. Save yours under another name."),
    ),
    ErrorCode.TEMPLATE_CHANGED: ("name", N_("There is a template of this name already.")),
    ErrorCode.TEMPLATE_EMPTY: ("text", N_("Write the text.")),
    ErrorCode.TEMPLATE_REFUSED: ("text", N_("Mend what is marked below, then save again.")),
}


class TemplateForm(Form):
    """A text under a name; ``version`` is the one that it was changed from, 0 for a new name.

    ``draft`` is the id of what was typed so far, ``draft_version`` what of it is kept already.
    """

    name = StringField(N_("Name"), [required(N_("Give the template a name."))])
    kind = SelectField(N_("Kind"), choices=[])
    text = TextAreaField(N_("Text"), [required(N_("Write the text."))])
    version = HiddenField(default="0")
    draft = HiddenField(default="")
    draft_version = HiddenField(default="0")


def template_form(**known: str) -> TemplateForm:
    """The form as it was sent, or empty; ``known`` is what its author does not choose."""
    sent = request.form.copy()
    for name, value in known.items():
        sent[name] = value
    form = TemplateForm(sent)
    form.kind.choices = choices((kind, word("template kind", kind)) for kind in MessageKind)
    return form


def typed(form: TemplateForm) -> tuple[str, MessageKind]:
    """Text and kind of the form as they would be saved."""
    text = normalize("NFC", form.text.data or "").replace("\r\n", "\n").rstrip("\n")
    kind = form.kind.data if form.kind.data in set(MessageKind) else MessageKind.DEBT
    return text, MessageKind(kind)
