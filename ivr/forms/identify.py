"""Identification: user id or customer code, and where the answers ask for it the meter's serial.

Nothing account-specific is said before (rule DP-01), and no answer tells which part was wrong.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from backend.interface.answers import Identified, Site
from backend.interface.queries import Identify, IdentifyByCode
from ivr.dialogue.call import Call
from ivr.dialogue.fields import CustomerCode, Field, Serial, SiteId
from ivr.dialogue.navigation import BackError, HandOverError

Query = Callable[[str], Identify | IdentifyByCode]
"""What is asked of the records once the serial, or another proof, is typed."""


_SERIAL = "identify.serial"
_PROOF = "identify.proof"
"""A hot-water meter's serial or an invoice's number, whichever the caller has."""


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
    return await _by_two(call, or_invoice=False)


async def identify(call: Call) -> Site:
    """Identify by two things, for whatever changes a payment or tells what is the customer's.

    On the district-heating line an invoice's number does instead of a serial: a flat may be heated
    and have no hot-water meter, and E-support itself asks for code and invoice (rule ES-06).
    """
    or_invoice = call.service == "heat"
    site, proof = await _by_two(call, or_invoice=or_invoice)
    if or_invoice and any(meter.has_serial(proof) for meter in site.meters):
        # Who goes on from here to a reading has typed the serial already.
        call.typed[_SERIAL] = proof
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


async def _by_two(call: Call, *, or_invoice: bool) -> tuple[Site, str]:
    proof = _PROOF if or_invoice else _SERIAL
    failed = "identify.failed_proof" if or_invoice else "identify.failed_serial"
    while True:
        query = await _ask_who(call, or_invoice=or_invoice)
        try:
            return await _by_serial(call, query, failed, proof)
        except BackError:
            continue


async def _ask_who(call: Call, *, or_invoice: bool) -> Query:
    if call.service == "heat":
        code = await _ask(call, "identify.code", CustomerCode())
        return lambda proof: IdentifyByCode(code, proof, call.service, or_invoice)
    site_id = await ask_site_id(call)
    return lambda serial: Identify(site_id, serial, call.service)


async def _by_serial(
    call: Call, query: Query, failed: str, prompt: str = _SERIAL
) -> tuple[Site, str]:
    while True:
        serial = await _ask(call, prompt, Serial())
        site = _accepted(call, await call.look_up(query(serial)))
        if site is not None:
            return site, serial
        call.say(failed)
