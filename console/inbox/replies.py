"""A reply to whoever wrote: the choice of a text, its preview, and what has become of it."""

from flask import Blueprint, make_response, redirect, render_template, request, url_for
from sqlalchemy import Connection
from werkzeug.exceptions import NotFound

from backend.interface.codes import MessageKind
from backend.records.work_list.task_list import Task, find_task, messages_of
from backend.records.work_list.task_outcomes import require_mine
from common.errors import DatabaseUnreachableError, RecordsError, TaskError
from console.web.access import actor, needs, signed
from console.web.kept import number_in
from console.web.pages import PollBlock, Reply, answer_poll, done, once, page, poll_block, remember
from console.web.parts import parts, reading, writing
from console.web.refusals import refusal
from console.web.words import _
from console.web.written import moment_text
from messages.campaigns.desk_contact import desk_facts
from messages.campaigns.replies import (
    ReplyRules,
    SentReply,
    prepare_reply,
    replies_to,
    reply_templates,
    require_answerable,
    send_reply,
)
from messages.content.gsm_encoding import cost

blueprint = Blueprint("replies", __name__)

SOON, LATER = 5, 30
"""Seconds between two looks: while the message is on its way to the carrier, and from there."""
_MOVES = {"queued": SOON, "claimed": SOON, "accepted": SOON, "sent": LATER, "unknown": LATER}


@blueprint.get("/inbox/<int:number>/reply")
@needs("reply.send")
def reply(number: int) -> Reply:
    """Choose a text and see it as it will arrive."""
    with reading() as connection:
        task = found_task(connection, number)
        try:
            require_mine(task, signed().name, parts().clock())
            require_answerable(connection, task, parts().policy)
        except TaskError as error:
            return _refused(task, refusal(error), 409)
    return _chooser(task)


@blueprint.post("/inbox/<int:number>/reply")
@needs("reply.send")
def send(number: int) -> Reply:
    sent, back = request.form, url_for("inbox.task", number=number)
    try:
        with writing() as connection:
            task = found_task(connection, number)
            if once(connection, sent) is not None:
                return redirect(back, 303)
            version = number_in(sent.get("version"))
            send_reply(
                connection,
                number,
                sent.get("template", ""),
                version,
                _rules(),
                actor(),
                parts().rng,
            )
            remember(connection, sent, back)
            begins = replies_to(connection, number)[-1].starts_at
    except DatabaseUnreachableError:
        raise
    except RecordsError as error:
        return _chooser(task, refusal(error), 409)
    if begins is not None:
        return done(_("The reply goes out by itself: %(when)s", when=moment_text(begins)), back)
    return done(_("The reply is on its way. What becomes of it is shown below."), back)


@blueprint.get("/inbox/<int:number>/replies")
@needs("inbox.see", poll=True)
def states(number: int) -> Reply:
    with reading() as connection:
        found_task(connection, number)
        found = replies_to(connection, number)
    block = replies_block(number, found)
    if block is None:
        raise NotFound
    return answer_poll(block)


def replies_block(number: int, found: list[SentReply]) -> PollBlock | None:
    """The replies of a task as a region that follows them; ``None`` when there is none."""
    if not found:
        return None
    seconds = [_MOVES[each.state] for each in found if each.state in _MOVES]
    return poll_block(
        "replies",
        url_for("replies.states", number=number),
        min(seconds, default=None),
        "inbox/_replies.html",
        replies=found,
    )


def why_no_reply(connection: Connection, task: Task) -> str:
    """The sentence that says why nobody can be answered in this task, or nothing."""
    try:
        require_answerable(connection, task, parts().policy)
    except TaskError as error:
        return refusal(error)
    return ""


def _chooser(task: Task, problem: str = "", status: int = 200) -> Reply:
    chosen = request.values.get("template", "")
    prepared = None
    with reading() as connection:
        texts = reply_templates(connection, signed().name)
        messages = messages_of(connection, task.number)
        if chosen:
            try:
                prepared = prepare_reply(connection, chosen, _rules(), actor())
            except DatabaseUnreachableError:
                raise
            except RecordsError as error:
                problem, status = problem or refusal(error), 409
    body = page(
        "inbox/reply.html",
        title=_title(task),
        task=task,
        texts=texts,
        chosen=chosen,
        messages=messages,
        prepared=prepared,
        price=None if prepared is None else cost(prepared.message),
        problems=[("template", problem)] if problem else [],
    )
    return make_response(body, status)


def _refused(task: Task, problem: str, status: int) -> Reply:
    body = render_template("inbox/no_reply.html", title=_title(task), task=task, problem=problem)
    return make_response(body, status)


def _title(task: Task) -> str:
    return _("Reply in task %(number)s", number=task.number)


def _rules() -> ReplyRules:
    facts = desk_facts(parts().desks, MessageKind.SERVICE)
    return ReplyRules(facts=facts, policy=parts().policy, calendar=parts().calendar)


def found_task(connection: Connection, number: int) -> Task:
    """Raises ``NotFound``."""
    try:
        return find_task(connection, number)
    except TaskError as error:
        raise NotFound from error
