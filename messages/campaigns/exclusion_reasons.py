"""Why a row of a campaign's source, or a person in its outbox, gets no message."""

from enum import StrEnum

from backend.interface.codes import DebtStatus


class Reason(StrEnum):
    """The word that staff see; the first four tell of the row, the rest of the person or number."""

    UNKNOWN_CASE = "unknown_case"
    DUPLICATE = "duplicate"
    NO_NUMBER = "no_number"
    INVALID = "invalid"
    LANDLINE = "landline"
    TOLL_FREE = "toll_free"
    VOIP = "voip"
    NOT_MOBILE = "not_mobile"
    FOREIGN = "foreign"
    NUMBER_CHANGED = "number_changed"
    OTHER_CUSTOMER = "other_customer"
    PAID = "paid"
    DISPUTED = "disputed"
    AGREED = "agreed"
    IN_PROCEEDINGS = "in_proceedings"
    ASSIGNED = "assigned"
    CLOSED = "closed"
    NOT_OVERDUE = "not_overdue"
    PROTECTED = "protected"
    OPTED_OUT = "opted_out"
    WRONG_ADDRESSEE = "wrong_addressee"
    UNREACHABLE = "unreachable"
    TOO_SOON = "too_soon"
    NAMES_RECIPIENT = "names_recipient"
    UNFIT_TEXT = "unfit_text"
    TOO_LATE = "too_late"


OF_DEBT_STATUS = {
    DebtStatus.PAID: Reason.PAID,
    DebtStatus.DISPUTED: Reason.DISPUTED,
    DebtStatus.AGREED: Reason.AGREED,
    DebtStatus.PROCEEDINGS: Reason.IN_PROCEEDINGS,
    DebtStatus.ASSIGNED: Reason.ASSIGNED,
    DebtStatus.CLOSED: Reason.CLOSED,
}
"""What each status of a debt but ``open`` says (CO-10: only who owes may be reminded)."""
