"""The sets of codes that records and messages are kept with, each of them once.

The constraints of the tables, the choices of the command line and the words of pages follow from
these. A code is stored as it stands here and never changes its meaning.
"""

from enum import StrEnum
from typing import Literal

Service = Literal["electricity", "heat"]
Billing = Literal["partial", "self_reading"]
PartialBilling = Literal["active", "suspended"]
LoginProof = Literal["password", "code"]
PasskeyPurpose = Literal["enrol", "prove"]
DraftKind = Literal["campaign", "template", "note"]
SecondFactor = Literal["required", "offered", "off"]
"""For whom the console wants one; a setting, and the only set here that is not stored."""


class Role(StrEnum):
    """What a user may do."""

    VIEWER = "viewer"
    SENDER = "sender"
    APPROVER = "approver"
    ADMIN = "admin"


class MessageKind(StrEnum):
    """What a template is for, which decides the rules that it keeps."""

    DEBT = "debt"
    SERVICE = "service"


class CampaignState(StrEnum):
    """Where a campaign stands, from the draft to its end."""

    DRAFT = "draft"
    APPROVED = "approved"
    SCHEDULED = "scheduled"
    RUNNING = "running"
    PAUSED = "paused"
    DONE = "done"
    CANCELLED = "cancelled"


class OutboxState(StrEnum):
    """What has become of one recipient's message."""

    QUEUED = "queued"
    CLAIMED = "claimed"
    UNKNOWN = "unknown"
    ACCEPTED = "accepted"
    SENT = "sent"
    DELIVERED = "delivered"
    FAILED = "failed"
    SUPPRESSED = "suppressed"
    CANCELLED = "cancelled"


NOT_COMING = (OutboxState.FAILED, OutboxState.SUPPRESSED, OutboxState.CANCELLED)
"""States in which a message does not reach its recipient any more."""


class StopReason(StrEnum):
    """Why a number is on the suppression list, the weightiest first."""

    WRONG_ADDRESSEE = "wrong_addressee"
    OPTED_OUT = "opted_out"
    UNREACHABLE = "unreachable"


class StopOrigin(StrEnum):
    """Who told us that a number gets no message."""

    SMS = "sms"
    CALL = "call"
    STAFF = "staff"
    CARRIER = "carrier"


class ReplyMeaning(StrEnum):
    """What a message to us says."""

    OPT_OUT = "opt_out"
    OPT_IN = "opt_in"
    WRONG_ADDRESSEE = "wrong_addressee"
    HELP = "help"
    READING = "reading"
    TOPIC = "topic"
    OTHER = "other"


class TaskKind(StrEnum):
    """What waits for a colleague."""

    VERIFY_OPT_OUT = "verify_opt_out"
    VERIFY_WRONG_ADDRESSEE = "verify_wrong_addressee"
    READ_MESSAGE = "read_message"
    MANY_MESSAGES = "many_messages"
    REPLY_BUDGET = "reply_budget"
    FIND_MESSAGE = "find_message"
    IDENTIFICATION_LOCKED = "identification_locked"


class TaskOutcome(StrEnum):
    """How a colleague ends a task."""

    DELETED = "deleted"
    RELEASED = "released"
    DONE = "done"


class NoticeKind(StrEnum):
    """Of what callers are told before the menu."""

    OUTAGE = "outage"
    MAINTENANCE = "maintenance"


class DebtStatus(StrEnum):
    """What the back office says of a case; ``closed`` is ours, for a case that a file lacks."""

    OPEN = "open"
    PAID = "paid"
    DISPUTED = "disputed"
    AGREED = "agreed"
    PROCEEDINGS = "proceedings"
    ASSIGNED = "assigned"
    CLOSED = "closed"


class RequestKind(StrEnum):
    """What a caller settles, as the ledger calls it."""

    METER_READING = "meter_reading"
    SELF_READING_SWITCH = "self_reading_switch"
    PAYMENT_DAY = "payment_day"
    PARTIAL_CONSUMPTION = "partial_consumption"
    PARTIAL_BILLING_SUSPENSION = "partial_billing_suspension"
    PARTIAL_BILLING_RESTART = "partial_billing_restart"
    HOT_WATER_READING = "hot_water_reading"
    E_INVOICE = "e_invoice"
    SMS_PREFERENCE = "sms_preference"
    CALLBACK = "callback"


class CallOutcome(StrEnum):
    """How a call ended, by the last place of its path."""

    COMPLETED = "completed"
    INFORMED = "informed"
    TALKED = "talked"
    ABANDONED = "abandoned"
    ABANDONED_BEFORE_CONFIRM = "abandoned_before_confirm"
    ABANDONED_IN_TRANSFER = "abandoned_in_transfer"


ABANDONED = (
    CallOutcome.ABANDONED,
    CallOutcome.ABANDONED_BEFORE_CONFIRM,
    CallOutcome.ABANDONED_IN_TRANSFER,
)

GOING_ON = "going_on"
"""What is told in the place of an outcome while nobody has reported a call's end."""


class JobKind(StrEnum):
    """Work that staff ask for and a worker does."""

    JUDGE = "judge recipients"
    CREATE = "create campaign"
    EXPORT = "export"


class JobState(StrEnum):
    """How far a worker is with such work."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


class Scope(StrEnum):
    """What another system may do with its key."""

    RECORDS_WRITE = "records:write"
    DEBTS_WRITE = "debts:write"
    REQUESTS_READ = "requests:read"
    REQUESTS_WRITE = "requests:write"
    CAMPAIGNS_READ = "campaigns:read"
    CAMPAIGNS_WRITE = "campaigns:write"
    STOPS_READ = "stops:read"
    STOPS_WRITE = "stops:write"


class EventKind(StrEnum):
    """Of what other systems are told."""

    REQUEST_RECORDED = "request.recorded"
    CAMPAIGN_ENDED = "campaign.ended"
