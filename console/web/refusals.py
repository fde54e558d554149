"""What a use case refuses, in the words of the console: by the error's code."""

from collections.abc import Mapping
from datetime import datetime

from backend.staff.background_jobs.jobs import Job
from common.error_codes import ErrorCode
from common.errors import RecordsError
from console.web.words import N_, _, word
from console.web.written import hour, table_day

_NO_PHONE = N_("There is no telephone number for rehearsals in your account.")
_SENTENCES: Mapping[ErrorCode, str] = {
    ErrorCode.CAMPAIGN_OWN: N_("You have written it: a colleague has to approve it."),
    ErrorCode.CAMPAIGN_STATE: N_("Meanwhile the state is: %(state)s. Nothing was changed."),
    ErrorCode.CAMPAIGN_WITHOUT_RECIPIENTS: N_("The campaign has no recipients."),
    ErrorCode.CAMPAIGN_NAME_EMPTY: N_("Give the campaign a name."),
    ErrorCode.CAMPAIGN_NAME_UNPRINTABLE: N_("Write the name on one line."),
    ErrorCode.CAMPAIGN_NAME_LONG: N_("The name may have at most %(most)s characters."),
    ErrorCode.CAMPAIGN_NAME_HOLDS_NUMBER: N_("Name it without a telephone number."),
    ErrorCode.NO_HOUR_PERMITTED: N_(
        "The contact hours and moratoria leave no hour within a year. Tell the administrator."
    ),
    ErrorCode.HOUR_FORBIDDEN: N_("Nobody may be reminded at that time. Next: %(begins)s."),
    ErrorCode.TIME_PAST: N_("That time is past. Choose a later one."),
    ErrorCode.REHEARSAL_SIZE: _NO_PHONE,
    ErrorCode.REHEARSAL_OF_SINGLE_TEXT: N_("What a caller asked for is not rehearsed."),
    ErrorCode.USER_NAME_INVALID: N_(
        "Use up to 40 letters without accents, figures and . _ -, and begin with a letter or "
        "figure."
    ),
    ErrorCode.USER_NAME_RESERVED: N_("The service itself acts under this name. Take another one."),
    ErrorCode.USER_NAME_TAKEN: N_("There is a colleague of this name. Take another one."),
    ErrorCode.USER_NAME_USED_BEFORE: N_(
        "A colleague who left had this name, and it stays theirs. Take another one."
    ),
    ErrorCode.USER_IS_ONESELF: N_("This is your own account: another administrator changes it."),
    ErrorCode.USER_WITHOUT_PHONE: _NO_PHONE,
    ErrorCode.ROLE_NOT_ALLOWED: N_("Your role does not allow it."),
    ErrorCode.IDENTITY_INVALID: N_(
        "An identifier has at most %(most)s characters, without accents."
    ),
    ErrorCode.IDENTITY_TAKEN: N_("That identifier is linked to %(name)s already."),
    ErrorCode.IDENTITY_LINKED: N_("There is a link already. Remove it first."),
    ErrorCode.REASON_EMPTY: N_("Write what is to be corrected."),
    ErrorCode.REASON_LONG: N_("The reason may have at most %(most)s characters."),
    ErrorCode.REASON_HOLDS_NUMBER: N_("Write the reason without a telephone number."),
    ErrorCode.RECIPIENTS_NOT_CHOSEN: N_("Choose where the recipients come from."),
    ErrorCode.RECIPIENTS_REFUSED: N_(
        "The list has faults. Correct the file and load it again; nothing of it was stored."
    ),
    ErrorCode.REGISTER_EMPTY: N_(
        "The debt register has no such case. Choose fewer days, or have the register imported."
    ),
    ErrorCode.FORMER_WITHOUT_RECIPIENTS: N_(
        "The recipients of the former campaign are gone. Load a list."
    ),
    ErrorCode.FILE_GONE: N_("The list was deleted a day after it was loaded. Load it again."),
    ErrorCode.TEXT_NOT_CHOSEN: N_("Choose a text."),
    ErrorCode.DRAFT_CHANGED: N_("The draft was changed in another window. Look at it again."),
    ErrorCode.TEMPLATE_REFUSED: N_("The text may not be sent: look at its findings in Templates."),
    ErrorCode.TEMPLATE_UNKNOWN: N_("There is no such template. Choose another one."),
    ErrorCode.JOB_ABANDONED: N_(
        "The work has stopped three times before its end. Try it with a smaller list; if it stops "
        "again, tell the administrator."
    ),
    ErrorCode.DOWNLOADS_IN_AN_HOUR: N_(
        "%(most)s lists may be downloaded in an hour. You have reached that: try it again later."
    ),
    ErrorCode.DOWNLOADS_WAITING: N_(
        "%(most)s of your lists are not ready yet. Ask for the next one when one of them is ready."
    ),
    ErrorCode.TASK_HELD: N_("%(by)s is working on this task."),
    ErrorCode.TASK_FINISHED: N_("%(by)s has finished this task already."),
    ErrorCode.TASK_NOT_TAKEN: N_("Take the task first, so that nobody else answers meanwhile."),
    ErrorCode.REPLY_TO_NOBODY: N_("Nobody has written in this task: there is nobody to reply to."),
    ErrorCode.REPLY_TO_STOPPED_NUMBER: N_(
        "No reply can be sent: the number is on the suppression list (%(reason)s)."
    ),
    ErrorCode.REPLY_TO_UNFIT_NUMBER: N_("No reply can be sent to this number: %(reason)s."),
    ErrorCode.REPLY_SENT_ALREADY: N_("%(by)s has sent this very reply in this task already."),
    ErrorCode.REPLY_TEXT_UNFIT: N_("This text is not for your replies. Choose another one."),
    ErrorCode.REPLY_TEXT_CHANGED: N_("The template has a newer version. Read it, then send it."),
}
_OTHERWISE = N_("This is not possible now. Reload the page to see how things stand.")
_FAILED = N_("The work has stopped. Try again; if it stops again, tell the administrator.")


def job_refusal(job: Job) -> str:
    """Why a job came to nothing, in the language of the request."""
    code = (job.result or {}).get("code")
    known = code if code in set(ErrorCode) else None
    return _(_FAILED if known is None else _SENTENCES.get(ErrorCode(known), _FAILED))


def refusal(error: RecordsError) -> str:
    """The sentence for an error, in the language of the request."""
    values = {name: _written(name, value) for name, value in error.parameters.items()}
    return _(_SENTENCES.get(error.code, _OTHERWISE), **values)


def _written(name: str, value: object) -> str:
    if isinstance(value, datetime):
        return f"{table_day(value)} {hour(value)}"
    context = {"state": "campaign state", "reason": "reason"}.get(name)
    return str(value) if context is None else word(context, str(value))
