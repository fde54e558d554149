"""What a caller was to type at a step of a call: its kind, as what was typed is not kept."""

from enum import StrEnum


class Typed(StrEnum):
    """The kind of entry that a question asks for."""

    NOTHING = "nothing"
    KEY = "key"
    YES_OR_NO = "yes_or_no"
    PATH = "path"
    SITE_ID = "site_id"
    CUSTOMER_CODE = "customer_code"
    SERIAL = "serial"
    VALUE = "value"
    DAY = "day"
    QUANTITY = "quantity"
    NUMBER = "number"
    PHONE = "phone"
    RECEIPT = "receipt"


_BY_PROMPT = {
    "identify.site_id": Typed.SITE_ID,
    "identify.code": Typed.CUSTOMER_CODE,
    "payment_day.which": Typed.DAY,
    "connection_fee.amperes": Typed.NUMBER,
    "connection_fee.metres": Typed.NUMBER,
    "receipt_lookup.which": Typed.RECEIPT,
    "callback.which_number": Typed.PHONE,
}
_BY_BEGINNING = {
    "identify.serial": Typed.SERIAL,
    "identify.proof": Typed.SERIAL,
    "meter_reading.which.": Typed.VALUE,
    "partial_consumption.which": Typed.QUANTITY,
}


def typed_at(step: str, prompt: str) -> Typed:
    """What the question of this step and prompt asks for."""
    if step in {"opening", "dial", "end"}:
        return Typed.NOTHING
    if step == "confirm":
        return Typed.YES_OR_NO
    if step == "path":
        return Typed.PATH
    begins = (kind for start, kind in _BY_BEGINNING.items() if prompt.startswith(start))
    return _BY_PROMPT.get(prompt) or next(begins, Typed.KEY)
