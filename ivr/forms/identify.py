"""Who is calling: user id or customer code, and where the answers ask for it the meter's serial.

Nothing account-specific is said before (rule DP-01), and no answer tells which part was wrong.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from backend.desk import Identified, Site
from backend.queries import Identify, IdentifyByCode
from ivr.dialogue.call import Call
from ivr.dialogue.fields import CustomerCode, Field, Serial, SiteId
from ivr.dialogue.navigation import BackError, HandOverError

Query = Callable[[str], Identify | IdentifyByCode]
"""What is asked of the records once the serial is typed."""


async def ask_site_id(call: Call) -> str:
    """Ask for the eight-digit user id and return it as typed."""
    return await _ask(call, "identify.site_id", SiteId())


async def identify_by_id(call: Call) -> Site:
    """Identify by the user id alone, as path 5.3 is published (rule PC-10)."""
    while True:
        query = Identify(await ask_site_id(call), None, call.service)
        site = _accepted(call, await call.look_up(query))
        if site is not None:
            return site
        call.say("identify.failed")


async def identify_by_serial(
    call: Call,
    site_id: str,
    failed: str = "identify.failed_serial",
    read_on: date | None = None,
) -> tuple[Site, str]:
    """Identify by a meter's factory serial (rule MR-04); return the site and the serial as typed.

    The site comes with the reading period of ``read_on``, else of today. ``failed`` is said after
    a failure. Raises ``BackError`` when the caller goes back, as the usual words tell them to in
    order to give another user id.
    """
    return await _by_serial(
        call, lambda serial: Identify(site_id, serial, call.service, read_on), failed
    )


async def identify_meter(call: Call) -> tuple[Site, str]:
    """Identify by two things, as the line's bills print them; return the serial as typed, too.

    The second is the meter's serial; the first is the user id or, for district heating, the
    customer code (rule ES-06).
    """
    while True:
        query = await _ask_who(call)
        try:
            return await _by_serial(call, query, "identify.failed_serial")
        except BackError:
            continue


async def identify(call: Call) -> Site:
    """Identify by two things, for whatever changes a payment or tells what is the customer's."""
    site, _ = await identify_meter(call)
    return site


def locked_out() -> HandOverError:
    """Return what hands over a caller who has used up all attempts."""
    return HandOverError("identify.locked", "identify.locked_closed", "identification_locked")


def _accepted(call: Call, outcome: Identified) -> Site | None:
    if outcome.locked:
        raise locked_out()
    if outcome.site is not None:
        call.identified_site = outcome.site.site_id
    return outcome.site


async def _ask(call: Call, prompt: str, field: Field[str]) -> str:
    """Ask for a proof, or take the one that was typed just before this form was resumed."""
    known = call.recalled.pop(prompt, None)
    if known is None:
        known = await call.ask(prompt, field)
        call.typed[prompt] = known
    return known


async def _ask_who(call: Call) -> Query:
    if call.service == "heat":
        code = await _ask(call, "identify.code", CustomerCode())
        return lambda serial: IdentifyByCode(code, serial, call.service)
    site_id = await ask_site_id(call)
    return lambda serial: Identify(site_id, serial, call.service)


async def _by_serial(call: Call, query: Query, failed: str) -> tuple[Site, str]:
    while True:
        serial = await _ask(call, "identify.serial", Serial())
        site = _accepted(call, await call.look_up(query(serial)))
        if site is not None:
            return site, serial
        call.say(failed)
