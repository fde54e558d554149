"""Who is calling: user id, and where the published answers ask for it the meter's serial.

Nothing account-specific is said before (rule DP-01), and no answer tells which part was wrong.
"""

from __future__ import annotations

from backend.desk import Identified, Identify, Site
from ivr.dialogue.call import Call
from ivr.dialogue.fields import Serial, SiteId
from ivr.dialogue.navigation import BackError, HandOverError


async def ask_site_id(call: Call) -> str:
    """Ask for the eight-digit user id and return it as typed."""
    return await call.ask("identify.site_id", SiteId())


async def identify_by_id(call: Call) -> Site:
    """Identify by the user id alone, as path 5.3 is published (rule PC-10)."""
    while True:
        query = Identify(await ask_site_id(call), None, call.service)
        site = _accepted(await call.look_up(query))
        if site is not None:
            return site
        call.say("identify.failed")


async def identify_by_serial(
    call: Call, site_id: str, failed: str = "identify.failed_serial"
) -> tuple[Site, str]:
    """Identify by a meter's factory serial (rule MR-04); return the site and the serial as typed.

    ``failed`` is said after a failure. Raises ``BackError`` when the caller goes back, as the
    usual words tell them to in order to give another user id.
    """
    while True:
        serial = await call.ask("identify.serial", Serial())
        site = _accepted(await call.look_up(Identify(site_id, serial, call.service)))
        if site is not None:
            return site, serial
        call.say(failed)


async def identify(call: Call) -> Site:
    """Identify by user id and serial, for whatever changes a payment."""
    while True:
        site_id = await ask_site_id(call)
        try:
            site, _ = await identify_by_serial(call, site_id)
        except BackError:
            continue
        return site


def locked_out() -> HandOverError:
    """Return what hands over a caller who has used up all attempts."""
    return HandOverError("identify.locked", "identify.locked_closed", "identification_locked")


def _accepted(outcome: Identified) -> Site | None:
    if outcome.locked:
        raise locked_out()
    return outcome.site
