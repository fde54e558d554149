"""The forms of a planned campaign's steps."""

from datetime import datetime

from wtforms import FileField, HiddenField, RadioField, SelectField, StringField
from wtforms.validators import Optional, ValidationError

from console.web.forms import Form, choices, length, required
from console.web.typed import NotUnderstoodError, moment_typed, number_typed
from console.web.words import N_
from messages.campaigns.planning.drafting import MOST_IN_NAME

MOST_DAYS = 3650


class WhoForm(Form):
    """The name of the campaign and where its recipients come from."""

    name = StringField(
        N_("Name of the campaign"),
        [
            required(N_("Give the campaign a name.")),
            length(MOST_IN_NAME, N_("The name may have at most 100 characters.")),
        ],
    )
    source = RadioField(
        N_("To whom?"), [required(N_("Choose where the recipients come from."))], choices=[]
    )
    file = FileField(N_("File of the list"))
    days = StringField(N_("Overdue for at least (days)"))
    version = HiddenField()

    def validate_days(self, field: StringField) -> None:
        """Whole days, where the debt register is chosen."""
        if self.source.data != "register":
            return
        if not 1 <= (number_typed(field.data) or 0) <= MOST_DAYS:
            raise ValidationError(N_("Write a number of days from 1 to 3650."))


class WhatForm(Form):
    """The text and how its letters are written."""

    template = SelectField(N_("Template"), [required(N_("Choose a text."))], choices=[])
    spelling = RadioField(
        N_("Letters"),
        choices=choices([("soft", N_("economical")), ("accented", N_("accented"))]),
        default="soft",
    )
    version = HiddenField()


class WhenForm(Form):
    """When it begins once it is approved and started."""

    when = RadioField(
        N_("When does it begin?"),
        choices=choices([("at once", N_("At once after approval")), ("at", N_("At this time:"))]),
        default="at once",
    )
    day = StringField(N_("Day"), [Optional()])
    clock = StringField(N_("Time"), [Optional()])
    version = HiddenField()

    def moment(self) -> datetime | None:
        """What was chosen, in UTC; ``None`` for at once.

        Raises ``NotUnderstoodError`` for what is no day and time.
        """
        if self.when.data != "at":
            return None
        if not (self.day.data or "").strip():
            raise NotUnderstoodError
        return moment_typed(self.day.data or "", self.clock.data or "")
