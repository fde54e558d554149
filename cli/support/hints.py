"""What to type next, by the code of an error: the command line's own words for the way on."""

from collections.abc import Mapping

from common.error_codes import ErrorCode
from common.errors import RecordsError

_BY_CODE: Mapping[ErrorCode, str] = {
    ErrorCode.USER_NAME_TAKEN: "Give that one a new password: zoldszam user password {name}",
    ErrorCode.USER_NAME_USED_BEFORE: "Let them come back: zoldszam user enable {name}",
    ErrorCode.USER_UNKNOWN: "Add one: zoldszam user add {name} --role {role}",
    ErrorCode.USER_NAME_INVALID: "See who there is: zoldszam user list",
    ErrorCode.USER_DISABLED: "Let them come back: zoldszam user enable {name}",
    ErrorCode.USER_NOT_DISABLED: "For another password: zoldszam user password {name}",
    ErrorCode.USER_WITHOUT_PHONE: "Give one: zoldszam user phone {name} NUMBER",
    ErrorCode.IDENTITY_TAKEN: "Take it away there first: zoldszam user unlink {name}",
    ErrorCode.IDENTITY_LINKED: "Take it away: zoldszam user unlink {name}",
    ErrorCode.IDENTITY_UNKNOWN: "Link them: zoldszam user link {name} SUBJECT",
    ErrorCode.API_KEY_UNKNOWN: "See them all: zoldszam api-key list",
    ErrorCode.WEBHOOK_TAKEN: "Disable it: zoldszam api-hook disable {url} --by NAME",
    ErrorCode.WEBHOOK_UNKNOWN: "See: zoldszam api-hook list",
    ErrorCode.CAMPAIGN_UNKNOWN: "See them all: zoldszam campaign list",
    ErrorCode.CAMPAIGN_WITHOUT_RECIPIENTS: "See why: zoldszam campaign exclusions {id}",
    ErrorCode.HOUR_FORBIDDEN: (
        "Let it begin by itself then: zoldszam campaign start {id} --when-permitted --by {by}"
    ),
    ErrorCode.TIME_PAST: "Without --at it starts now: zoldszam campaign start {id} --by {by}",
    ErrorCode.TASK_UNKNOWN: "List the open ones: zoldszam task list",
    ErrorCode.TASK_FINISHED: "List the open ones: zoldszam task list",
    ErrorCode.NOTICE_UNKNOWN: "See: zoldszam notice list",
    ErrorCode.CLOSURE_UNKNOWN: "See: zoldszam desk list",
    ErrorCode.WINDOW_UNKNOWN: "See: zoldszam window list",
}
_BY_STATE: Mapping[str, str] = {
    "draft": "A colleague approves it: zoldszam campaign approve {id} --by NAME",
    "approved": "Start it: zoldszam campaign start {id} --by {by}",
    "scheduled": "Hold it back if need be: zoldszam campaign pause {id} --by {by}",
    "running": "Hold it back if need be: zoldszam campaign pause {id} --by {by}",
    "paused": "Go on with it: zoldszam campaign resume {id} --by {by}",
    "done": "Make another one: zoldszam campaign create",
    "cancelled": "Make another one: zoldszam campaign create",
}
"""What can be done with a campaign in each state, for somebody who wanted something else."""


def sentence(error: RecordsError) -> str:
    """The error's text, followed by the command that helps where there is one."""
    hint = _BY_CODE.get(error.code)
    if error.code is ErrorCode.CAMPAIGN_STATE:
        hint = _BY_STATE[str(error.parameters["state"])]
    return f"{error} {hint.format(**error.parameters)}" if hint else str(error)
