"""The suppression list. Numbers stand in bodies only: addresses get into the logs of proxies."""

from collections.abc import Callable
from datetime import datetime
from typing import Literal

from pydantic import BaseModel
from sqlalchemy import Connection

from api.models import Body, Phone
from api.operations import Operation
from api.parts import Call
from api.problems import Flaw, Problem, split_hint
from backend.interface.codes import Scope, StopOrigin, StopReason
from backend.records.suppression.suppression_list import (
    lift_suppression,
    look_up_stops,
    suppress_number,
)
from common.phone_numbers import NotAPhoneNumberError, require_in_plan, to_e164


class Number(Body):
    """A telephone number."""

    phone: Phone


class NewStop(Number):
    """A number that is to get no message, and why."""

    reason: Literal["wrong_addressee", "opted_out"]


class LiftedStop(Number):
    """A number that may get messages again, and which stop is lifted."""

    reason: StopReason


class StopShown(BaseModel):
    """Why a number gets no message, since when, and who told us."""

    reason: StopReason
    since: datetime
    origin: StopOrigin


class StopsOfNumber(BaseModel):
    """Every stop of the number; none when it may get messages."""

    stops: list[StopShown]


class StopSet(BaseModel):
    """Whether the number was not stopped so before."""

    new: bool


class StopLifted(BaseModel):
    """Whether there was such a stop."""

    lifted: bool


def look_up(call: Call, asked: Number) -> StopsOfNumber:
    phone = _number(asked.phone, to_e164)
    with call.reading() as connection:
        found = look_up_stops(connection, phone, call.by)
    return StopsOfNumber(
        stops=[
            StopShown(reason=each.reason, since=each.since, origin=each.origin) for each in found
        ]
    )


def stop(call: Call, asked: NewStop) -> StopSet:
    phone = _number(asked.phone, lambda text: require_in_plan(to_e164(text)))

    def act(connection: Connection) -> StopSet:
        new = suppress_number(
            connection, phone, StopReason(asked.reason), StopOrigin.STAFF, call.by, call.now
        )
        return StopSet(new=new)

    return call.once(act)


def lift(call: Call, asked: LiftedStop) -> StopLifted:
    phone = _number(asked.phone, to_e164)

    def act(connection: Connection) -> StopLifted:
        lifted = lift_suppression(connection, phone, asked.reason, call.by, call.now)
        return StopLifted(lifted=lifted)

    return call.once(act)


def _number(text: str, parse: Callable[[str], str]) -> str:
    try:
        return parse(text)
    except NotAPhoneNumberError as error:
        detail, hint = split_hint(f"The number {error}")
        flaw = Flaw(pointer="#/phone", field="phone", detail=detail, hint=hint)
        raise Problem(422, "phone-unfit", f"The number {error}", errors=[flaw]) from None


OPERATIONS = (
    Operation(
        "POST",
        "/stops/lookup",
        "look_up_stops",
        look_up,
        Number,
        StopsOfNumber,
        (Scope.STOPS_READ,),
        "Tell whether and why a number gets no message.",
    ),
    Operation(
        "POST",
        "/stops",
        "stop_number",
        stop,
        NewStop,
        StopSet,
        (Scope.STOPS_WRITE,),
        "Let a number get no message; a colleague checks the records.",
        changes=True,
    ),
    Operation(
        "POST",
        "/stops/lift",
        "lift_stop",
        lift,
        LiftedStop,
        StopLifted,
        (Scope.STOPS_WRITE,),
        "Lift a stop; what it suppressed is not sent after all.",
        changes=True,
    ),
)
