"""The codes that the console shows in words: each context of ``word`` with all its codes."""

from collections.abc import Collection, Mapping
from dataclasses import fields
from typing import get_args

from backend.calls.call_lists import Result
from backend.desks import CLOSED_DAYS
from backend.interface.answers import TimeOfDay
from backend.interface.codes import (
    GOING_ON,
    CallOutcome,
    CampaignState,
    MessageKind,
    NoticeKind,
    OutboxState,
    RequestKind,
    Role,
    StopOrigin,
    StopReason,
    TaskKind,
    TaskOutcome,
)
from backend.records.work_list.task_outcomes import outcomes_of
from backend.staff.audit import ACTS
from backend.staff.authentication.identity_provider import ProviderFault
from backend.staff.authentication.provider_login import BY_PROVIDER
from common.csv_files.problems import CsvFault
from common.error_codes import ErrorCode
from common.findings import Code, Severity
from console.calls.requests import HOT_WATER
from console.campaigns.plan_views import STEPS
from console.inbox.tasks import TABS
from console.menu.chosen import Layer
from console.permissions import PERMISSIONS
from console.web.periods import LAST_DAYS
from ivr.lines.call_steps import Typed
from menus.exports.diff import Change
from menus.recordings import State
from menus.tree import Limits
from menus.tree_schema import TreePart
from messages.campaigns.exclusion_reasons import Reason
from messages.campaigns.pause_reasons import PauseCode
from messages.campaigns.planning.plan_review import Block, Warn
from messages.campaigns.planning.plans import SOURCE_KINDS
from messages.campaigns.replies import REPLY
from messages.content.findings import Rule
from messages.delivery.reconciling import NEEDS_PERSON

CAMPAIGN_ACTS = ("create", "approve", "return", "start", "pause", "resume", "cancel", "rehearse")
TASK_ACTS = {
    f"{outcome} {kind}" if outcome is TaskOutcome.RELEASED else outcome
    for kind in TaskKind
    for outcome in outcomes_of(kind)
}
CALL_COLUMNS = {"began", "reference", "line", "result", "outcome", "desk", "seconds to agent"}
ACT_COLUMNS = {"at", "by", "act", "subject", "details", "session", "address"}
REQUEST_COLUMNS = {"receipt", "kind", "created", "site", "effective", "exported", "detail"}
MENU_DETAILS = {
    *("service", "languages", "opening", "operator", "offers"),
    *(field.name for field in fields(Limits)),
    *("introduction", "form", "statements", "rests", "message", "desk", "words before"),
    *("words while closed", "offers while closed", "leads to"),
}
SERVICES = get_args(TreePart.model_fields["service"].annotation)

CODES: Mapping[str, Collection[str]] = {
    "act": {*(f"campaign {act}" for act in CAMPAIGN_ACTS), "task reply"},
    "call end": {"talked", "over"},
    "call outcome": {*CallOutcome, GOING_ON},
    "call result": set(Result),
    "call result help": set(Result),
    "campaign state": set(CampaignState),
    "column": CALL_COLUMNS | REQUEST_COLUMNS | ACT_COLUMNS,
    "download": {
        *("calls", "requests", "log"),
        *("campaign recipients", "campaign letters", "campaign exclusions"),
        "draft exclusions",
    },
    "csv fault": set(CsvFault),
    "file name": set(OutboxState),
    "finding": set(Rule),
    "finding hint": set(Rule),
    "holiday": CLOSED_DAYS - {"closure"},
    "inbox tab": set(TABS),
    "menu change": set(Change),
    "menu detail": MENU_DETAILS,
    "menu finding": set(get_args(Code)),
    "menu finding hint": set(get_args(Code)),
    "menu layer": set(Layer),
    "logged act": set(ACTS),
    "login detail": {"code", "passkey", BY_PROVIDER, *ProviderFault},
    "message state": set(OutboxState),
    "message state help": set(OutboxState),
    "notice kind": set(NoticeKind),
    "pause": set(PauseCode),
    "pause advice": set(PauseCode),
    "pause reason": set(PauseCode),
    "plan block": set(Block),
    "plan warning": set(Warn),
    "period": set(LAST_DAYS),
    "permission": set(PERMISSIONS),
    "reason": {*Reason, NEEDS_PERSON},
    "request detail": {
        *("serial", "register", "value", "day", "kwh_per_month"),
        *("phone", "time_of_day", "reminders", "reason", "wanted"),
    },
    "request kind": set(RequestKind),
    "request value": {"yes", "no", HOT_WATER, StopReason.WRONG_ADDRESSEE, *get_args(TimeOfDay)},
    "role": set(Role),
    "role help": set(Role),
    "service": SERVICES,
    "severity": set(get_args(Severity)),
    "sound": {*get_args(State), "missing", "slots", "written"} - {"of-slots", "unknown"},
    "source": {"debt register", "staff", REPLY},
    "source kind": set(SOURCE_KINDS),
    "stage": {"reading", "judging", "writing"},
    "step": set(STEPS),
    "stop origin": set(StopOrigin),
    "stop reason": set(StopReason),
    "task act": TASK_ACTS,
    "task help": set(TaskKind),
    "task kind": set(TaskKind),
    "task outcome": set(TaskOutcome),
    "task outcome sentence": set(TaskOutcome),
    "template kind": set(MessageKind),
    "template origin": {"published"},
    "typed": set(Typed) - {Typed.NOTHING},
}
"""A context that a screen brings along is entered here, with the set that its codes come from."""

WITHOUT_A_SENTENCE = frozenset(
    {
        # Pages of their own: 404, 409, 503 and 500.
        *(code for code in ErrorCode if code.endswith("-unknown")),
        ErrorCode.DATABASE_UNREACHABLE,
        ErrorCode.DATABASE_MISSING,
        ErrorCode.DATABASE_BUSY,
        ErrorCode.CONNECTION_LOST,
        ErrorCode.DISK_FULL,
        ErrorCode.INVALID,
        # Said by the form before the use case can be asked.
        ErrorCode.TASK_NOTE_HOLDS_NUMBER,
        ErrorCode.TASK_OUTCOME_NOT_ALLOWED,
        ErrorCode.RECEIPT_INVALID,
        # Stop the process at its start, or come from files that the command line reads.
        ErrorCode.CONFIGURATION,
        ErrorCode.NOT_MIGRATED,
        ErrorCode.TEMPLATE_LINE_INVALID,
        ErrorCode.RECIPIENTS_REFUSED,
        # Of the machines' API alone, or of files that the command line reads.
        ErrorCode.API_KEY_DISABLED,
        ErrorCode.IDEMPOTENCY_KEY_REUSED,
        ErrorCode.IMPORT_REFUSED,
        ErrorCode.SCOPE_MISSING,
        # Of the command line alone.
        ErrorCode.API_KEY_EXPIRES_IN_THE_PAST,
        ErrorCode.API_KEY_NAME_INVALID,
        ErrorCode.API_KEY_NAME_TAKEN,
        ErrorCode.WEBHOOK_TAKEN,
        ErrorCode.WEBHOOK_URL_INVALID,
        ErrorCode.USER_DISABLED,
        ErrorCode.USER_NOT_DISABLED,
    }
)
"""Errors that no view says by their code."""
