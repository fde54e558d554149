"""What may be typed at a question: how the keys end, and what they mean.

A field reads keys and returns either the value or a ``Rejected`` that names the sentence which says
why. It never raises: a caller cannot make a mistake that the line has no words for.
"""

from __future__ import annotations

import string
from dataclasses import dataclass
from typing import ClassVar, Protocol, TypeVar

from msgspec import Struct

from backend.rules.confirmation_numbers import LENGTH, is_valid
from backend.rules.partial_consumption import MOST_KWH
from backend.rules.payment_day import is_allowed
from common.phone_numbers import NotAPhoneNumberError, is_callable, to_e164
from menus.slots import Number, SlotValue

T_co = TypeVar("T_co", covariant=True)

CODE_LENGTHS = (4, 5)
LONGEST_ENTRY = 20
"""Keys after which an entry of open length ends by itself; no id, serial or reading is longer."""


class Rejected(Struct, frozen=True):
    """The keys mean nothing here; ``prompt`` says why."""

    prompt: str
    slots: tuple[tuple[str, SlotValue], ...] = ()


class Field(Protocol[T_co]):
    """A question's answer: its length, how it ends, how long to wait and what the keys mean."""

    @property
    def digits(self) -> int:
        """Number of keys after which the entry ends at once."""

    @property
    def finish_on_key(self) -> str:
        """The key that ends the entry, or "" when every key counts."""

    @property
    def lone_keys_are_commands(self) -> bool:
        """Whether 0 and 9 alone call the operator and go back, since they cannot be values."""

    def read(self, keys: str) -> T_co | Rejected:
        """Return what the keys mean."""


def _is_number(keys: str) -> bool:
    # str.isdigit would let other scripts' digits through, which no telephone sends.
    return bool(keys) and all(key in string.digits for key in keys)


class Choice(Struct, frozen=True):
    """One of some single keys."""

    keys: str
    digits: ClassVar[int] = 1
    finish_on_key: ClassVar[str] = ""
    lone_keys_are_commands: ClassVar[bool] = True

    def read(self, keys: str) -> str | Rejected:
        return keys if len(keys) == 1 and keys in self.keys else Rejected("nomatch.key")


class _Entry:
    """A number that the hash key ends."""

    __slots__ = ()
    digits: ClassVar[int] = LONGEST_ENTRY
    finish_on_key: ClassVar[str] = "#"
    lone_keys_are_commands: ClassVar[bool] = True


@dataclass(frozen=True, slots=True)
class SiteId(_Entry):
    """The eight-digit user id, printed in block 4 of the bill's first page (rule MR-09)."""

    digits: ClassVar[int] = 8

    def read(self, keys: str) -> str | Rejected:
        """Return the id exactly as typed; leading zeros belong to it."""
        if len(keys) == self.digits and _is_number(keys):
            return keys
        return Rejected("identify.site_id_length")


@dataclass(frozen=True, slots=True)
class CustomerCode(_Entry):
    """The digits of a customer code that begins with the letter U (rule ES-06).

    The rule can be read as four digits or as five, so both are taken; the records decide. The hash
    key ends both: if the fifth digit did, the hash key would answer the next question.
    """

    def read(self, keys: str) -> str | Rejected:
        """Return the code as it is printed, with its letter."""
        if len(keys) in CODE_LENGTHS and _is_number(keys):
            return f"U{keys}"
        return Rejected("identify.code_length")


@dataclass(frozen=True, slots=True)
class Serial(_Entry):
    """A meter's factory serial, of open length (rule MR-10)."""

    def read(self, keys: str) -> str | Rejected:
        return keys if _is_number(keys) else Rejected("identify.serial_digits")


@dataclass(frozen=True, slots=True)
class PaymentDay(_Entry):
    """A day of the month in two digits, 01 to 27 (rule DD-02)."""

    digits: ClassVar[int] = 2
    lone_keys_are_commands: ClassVar[bool] = False

    def read(self, keys: str) -> int | Rejected:
        """Return the day; a single digit is asked for again, in two."""
        if not _is_number(keys):
            return Rejected("payment_day.refused")
        if len(keys) < self.digits and is_allowed(int(keys)):
            return Rejected("payment_day.two_digits")
        return int(keys) if is_allowed(int(keys)) else Rejected("payment_day.refused")


@dataclass(frozen=True, slots=True)
class MonthlyQuantity(_Entry):
    """A monthly quantity in whole kilowatt-hours; zero is a value that the form answers."""

    lone_keys_are_commands: ClassVar[bool] = False

    def read(self, keys: str) -> int | Rejected:
        if "*" in keys:
            return Rejected("partial_consumption.decimals")
        if not _is_number(keys):
            return Rejected("nomatch.number")
        quantity = int(keys)
        if quantity > MOST_KWH:
            return Rejected("partial_consumption.too_much", (("most", Number(MOST_KWH)),))
        return quantity


@dataclass(frozen=True, slots=True)
class MeterValue(_Entry):
    """What a meter's register shows, in whole units without decimals."""

    shown_digits: int
    lone_keys_are_commands: ClassVar[bool] = False

    def read(self, keys: str) -> int | Rejected:
        """Return the value; leading zeros are worth nothing, a longer number is never cut."""
        if "*" in keys:
            return Rejected("meter_reading.decimals")
        if not _is_number(keys):
            return Rejected("nomatch.number")
        value = int(keys)
        if value >= 10**self.shown_digits:
            return Rejected("meter_reading.too_long", (("most", Number(self.shown_digits)),))
        return value


@dataclass(frozen=True, slots=True)
class WholeNumber(_Entry):
    """How many of something, from ``least`` to ``most``, without decimals."""

    least: int
    most: int
    lone_keys_are_commands: ClassVar[bool] = False

    def read(self, keys: str) -> int | Rejected:
        if not _is_number(keys):
            return Rejected("number.whole")
        number = int(keys)
        if not self.least <= number <= self.most:
            bounds = (("least", Number(self.least)), ("most", Number(self.most)))
            return Rejected("number.out_of_bounds", bounds)
        return number


@dataclass(frozen=True, slots=True)
class ReceiptNumber(_Entry):
    """A receipt as it was told: eight digits, the last of which checks the others."""

    digits: ClassVar[int] = LENGTH

    def read(self, keys: str) -> str | Rejected:
        """Return the digits; a slip is told without a look at the records."""
        if len(keys) != LENGTH or not _is_number(keys):
            return Rejected("receipt_lookup.length")
        return keys if is_valid(keys) else Rejected("receipt_lookup.slip")


@dataclass(frozen=True, slots=True)
class NumberToCall(_Entry):
    """A Hungarian telephone number as it is dialled, with or without 06."""

    def read(self, keys: str) -> str | Rejected:
        """Return the number in E.164, when a colleague may dial it."""
        try:
            number = to_e164(keys) if _is_number(keys) else ""
        except NotAPhoneNumberError:
            number = ""
        return number if is_callable(number) else Rejected("callback.refused")


@dataclass(frozen=True, slots=True)
class MenuPath(_Entry):
    """The digits of a published path, after the star key."""

    lone_keys_are_commands: ClassVar[bool] = False

    def read(self, keys: str) -> str | Rejected:
        """Return the path's digits; a star between them counts as the dot."""
        digits = keys.replace("*", "")
        return digits if _is_number(digits) else Rejected("path.unknown")
