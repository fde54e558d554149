"""The note on a task while it is being written."""

from flask import Blueprint, request
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import NotFound

from backend.records.work_list.task_list import find_task
from backend.records.work_list.task_notes import keep_note
from backend.staff.drafts import DraftError, StoredDraft
from common.error_codes import ErrorCode
from common.errors import TaskError
from console.web.access import needs, signed
from console.web.kept import kept_state, number_in
from console.web.pages import Reply
from console.web.parts import parts, writing
from console.web.words import N_, _

blueprint = Blueprint("task_notes", __name__)

WITHOUT_NUMBER = N_("Write the note without the telephone number: notes are kept.")


@blueprint.post("/inbox/<int:number>/note")
@needs("task.answer")
def keep(number: int) -> Reply:
    """Keep what was typed; a region of the form."""
    sent, now, me = request.form, parts().clock(), signed().name
    since = number_in(sent.get("draft_version"))
    outcome, note = sent.get("outcome", ""), sent.get("note", "")
    try:
        with writing() as connection:
            kept = keep_note(connection, number, me, outcome, note, since, now)
            task = find_task(connection, number)
    except DraftError:
        return kept_state(None, since)
    except TaskError as error:
        if error.code is ErrorCode.TASK_NOTE_HOLDS_NUMBER:
            return kept_state(None, since, problem=_(WITHOUT_NUMBER))
        raise NotFound from error
    other = task.done_by or task.holder(now)
    if other in (None, me):
        return kept_state(kept, since)
    lost = _("%(by)s has taken the task over meanwhile. Your note is kept.", by=other)
    return kept_state(kept, since, problem=lost)


def typed_before(draft: StoredDraft) -> MultiDict[str, str]:
    """What the form of the task was left with."""
    return MultiDict({name: str(value) for name, value in draft.data.items() if value})
