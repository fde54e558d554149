"""The inbox: what customers have written back, as tasks that colleagues take, read and finish."""

from flask import Blueprint, flash, redirect, request, url_for
from sqlalchemy import Connection
from werkzeug.exceptions import NotFound, TooManyRequests
from wtforms import RadioField, TextAreaField

from backend.interface.codes import TaskKind, TaskOutcome
from backend.records.suppression.stops import stops_of
from backend.records.work_list.task_list import (
    Task,
    count_open_tasks,
    messages_of,
    newest_task,
    page_of_tasks,
    sent_message_of,
)
from backend.records.work_list.task_notes import note_of
from backend.records.work_list.task_outcomes import (
    check_note,
    finish_task,
    give_task_back,
    note_refused_look,
    outcomes_of,
    show_task,
    take_task,
)
from backend.staff.drafts import StoredDraft
from common.error_codes import ErrorCode
from common.errors import TaskError
from console.inbox.notes import WITHOUT_NUMBER, typed_before
from console.inbox.replies import found_task, replies_block, why_no_reply
from console.web.access import needs, signed
from console.web.forms import Form, choices, length, required
from console.web.kept import kept_state, number_in
from console.web.pages import PollBlock, Reply, answer_poll, done, page, poll_block, refused
from console.web.parts import parts, reading, writing
from console.web.tables import PAGE_ROWS, cut, with_query
from console.web.typed import number_typed
from console.web.words import N_, _, ngettext, word
from messages.campaigns.replies import replies_to

blueprint = Blueprint("inbox", __name__)

TABS = ("open", "mine", "done")
KINDS = tuple(TaskKind)
POLL_SECONDS = 30
MOST_NOTE = 500


class FinishForm(Form):
    """How a task ends."""

    outcome = RadioField(
        N_("What is to be done?"), [required(N_("Choose what is to be done."))], choices=[]
    )
    note = TextAreaField(
        N_("Note"), [length(MOST_NOTE, N_("Write a note of at most 500 characters."))]
    )


@blueprint.get("/inbox")
@needs("inbox.see")
def inbox() -> Reply:
    tab = request.args.get("tab", "open")
    kind = request.args.get("kind") or None
    if tab not in TABS or (kind is not None and kind not in KINDS):
        raise NotFound
    with reading() as connection:
        found = page_of_tasks(
            connection,
            done=tab == "done",
            kind=kind,
            taken_by=signed().name if tab == "mine" else None,
            now=parts().clock(),
            beyond=number_typed(request.args.get("after")),
            limit=PAGE_ROWS + 1,
        )
        figures = _figures(connection, newest_task(connection))
    rows, after = cut(found, key=lambda task: task.number)
    return page(
        "inbox/list.html",
        title=_("Inbox"),
        tabs=[(name, word("inbox tab", name), with_query(tab=name, after=None)) for name in TABS],
        tab=tab,
        kind=kind,
        kinds=[(name, word("task kind", name)) for name in KINDS],
        tasks=rows,
        next_url=with_query(after=after) if after is not None else None,
        now=parts().clock(),
        figures=figures,
        filtered=kind is not None,
    )


@blueprint.get("/inbox/count")
@needs("inbox.see", poll=True)
def count() -> Reply:
    """The figures of the list: how many are open, and how many came since it was shown."""
    with reading() as connection:
        return answer_poll(_figures(connection, number_typed(request.args.get("since")) or 0))


def _figures(connection: Connection, since: int) -> PollBlock:
    number, oldest = count_open_tasks(connection)
    new, _oldest = count_open_tasks(connection, since=since)
    return poll_block(
        "figures",
        url_for("inbox.count", since=since),
        POLL_SECONDS,
        "inbox/_figures.html",
        beside={"again": _again(new)},
        number=number,
        oldest=oldest,
        now=parts().clock(),
    )


def _again(new: int) -> str:
    """The words of the link that shows the list anew; new tasks do not move it by themselves."""
    if not new:
        return _("Refresh the list")
    return ngettext("%(n)s new task – show it", "%(n)s new tasks – show them", new)


@blueprint.get("/inbox/<int:number>")
@needs("inbox.see")
def task(number: int) -> Reply:
    return _task_page(number, None)


@blueprint.post("/inbox/<int:number>/take")
@needs("task.answer")
def take(number: int) -> Reply:
    try:
        with writing() as connection:
            take_task(connection, number, signed().name, parts().clock())
    except TaskError as error:
        return _task_page(number, None, refusal=_said(error), status=409)
    return done(_("The task is yours. Nobody else can finish it now."), _address(number))


@blueprint.post("/inbox/<int:number>/give-back")
@needs("task.answer")
def give_back(number: int) -> Reply:
    with writing() as connection:
        found_task(connection, number)
        give_task_back(connection, number, signed().name, parts().clock())
    return done(_("The task is everybody's again."), url_for(".inbox"))


@blueprint.post("/inbox/<int:number>/number")
@needs("number.show")
def show_number(number: int) -> Reply:
    """Show number and messages in full, once; that it was looked at is an act."""
    by, now = signed().name, parts().clock()
    try:
        with writing() as connection:
            found_task(connection, number)
            found, messages = show_task(connection, number, by, now)
    except TaskError as error:
        if error.code is not ErrorCode.TASK_SHOWN_TOO_OFTEN:
            raise
        with writing() as connection:
            note_refused_look(connection, number, by, now)
        raise TooManyRequests from error
    return _task_page(number, None, full=(found.phone, messages))


@blueprint.post("/inbox/<int:number>/finish")
@needs("task.answer")
def finish(number: int) -> Reply:
    """Finish a task; taking a number out of the records is asked once more on a page of its own."""
    with reading() as connection:
        found = found_task(connection, number)
    form = _form(found)
    valid = form.validate()
    try:
        check_note(form.note.data)
    except TaskError:
        valid = False
        form.note.errors = [_(WITHOUT_NUMBER)]
    if not valid:
        return _task_page(number, form)
    if form.outcome.data == TaskOutcome.DELETED and "confirmed" not in request.form:
        return page(
            "inbox/delete.html",
            title=_("Delete the number from the records"),
            task=found,
            form=form,
        )
    return _finish(found, form)


def _finish(found: Task, form: FinishForm) -> Reply:
    outcome, number = TaskOutcome(form.outcome.data), found.number
    try:
        with writing() as connection:
            finish_task(
                connection, number, signed().name, outcome, parts().clock(), form.note.data or None
            )
    except TaskError as error:
        mine = error.parameters.get("by") == signed().name and found.outcome in (None, outcome)
        if error.code is not ErrorCode.TASK_FINISHED or not mine:
            return _task_page(number, form, refusal=_said(error), status=409)
    flash(word("task outcome sentence", outcome))
    return redirect(url_for(".inbox", tab=request.args.get("tab") or None), 303)


def _task_page(
    number: int,
    form: FinishForm | None,
    *,
    refusal: str = "",
    status: int = 422,
    full: tuple[str, object] | None = None,
) -> Reply:
    now = parts().clock()
    with reading() as connection:
        found = found_task(connection, number)
        replies = replies_to(connection, number)
        values: dict[str, object] = {
            "task": found,
            "holder": found.holder(now),
            "replies": replies_block(number, replies),
            "why_no_reply": why_no_reply(connection, found),
            "messages": messages_of(connection, number),
            "sent": sent_message_of(connection, found),
            "stops": stops_of(connection, found.phone) if found.phone.startswith("+") else [],
        }
        draft = note_of(connection, number, signed().name)
    since = number_in(request.form.get("draft_version"))
    kept = kept_state(draft if form is None else None, since, quiet=True)
    values |= {"now": now, "refusal": refusal, "full": full, "me": signed().name, "kept": kept}
    title = _("Task %(number)s: %(kind)s", number=number, kind=word("task kind", found.kind))
    if form is None and not refusal:
        form = _form(found, draft)
        if replies and form.outcome.data is None and TaskOutcome.DONE in outcomes_of(found.kind):
            # Who has been answered: most often nothing is left to do.
            form.outcome.data = TaskOutcome.DONE
        return page("inbox/task.html", title=title, form=form, **values)
    shown = _form(found, draft) if form is None else form
    return refused("inbox/task.html", title=title, form=shown, status=status, **values)


def _form(found: Task, draft: StoredDraft | None = None) -> FinishForm:
    form = FinishForm(request.form if draft is None else typed_before(draft))
    form.outcome.choices = choices(
        (outcome, word("task act", f"{outcome} {found.kind}" if outcome == "released" else outcome))
        for outcome in outcomes_of(found.kind)
    )
    return form


def _address(number: int) -> str:
    return url_for(".task", number=number)


def _said(error: TaskError) -> str:
    by = error.parameters.get("by")
    if error.code is ErrorCode.TASK_HELD:
        return _("%(by)s is working on this task. What you wrote is kept below.", by=by)
    if error.code is ErrorCode.TASK_FINISHED:
        return _("%(by)s has finished this task already.", by=by)
    return _("This task cannot end so. Choose another way.")
