"""Makes the calls of the past: the simulated telephone company on the service's own webhooks."""

from collections.abc import Iterable

from cli.history.planned_calls import PlannedCall
from cli.history.service import PastService
from ivr.lines.entries import configured_lines
from settings import Settings
from simulator.carrier import Carrier
from simulator.transport import WsgiTransport
from simulator.voice.call import SimulatedCall

_RINGS_FOR = 3.0
"""Seconds after which a caller gives up a desk that has not answered yet."""


def make_calls(service: PastService, planned: Iterable[PlannedCall]) -> int:
    """Make them one after the other, each at its own moment; how many there were."""
    to = _numbers(service.settings)
    carrier = _carrier(service)
    made = 0
    for call in planned:
        service.clock.now = call.at
        _make(carrier, call, to[call.is_to_heat])
        made += 1
    return made


def _carrier(service: PastService) -> Carrier:
    url, account = service.settings.callback_url, service.settings.account
    return Carrier(
        voice_url=f"{url}/voice/incoming",
        status_url=f"{url}/voice/status",
        fallback_url=f"{url}/voice/fallback",
        account_sid=account.account_sid,
        auth_token=account.auth_token,
        transport=WsgiTransport(service.app),
        rng=service.rng,
        passing=service.clock.pass_by,
    )


def _numbers(settings: Settings) -> tuple[str, str]:
    """The numbers of the electricity line and of the district-heating line."""
    first, second, *_ = (
        entry.numbers[0]
        for entry in configured_lines(settings.lines, settings.menu_tree)
        if entry.numbers
    )
    return first, second


def _make(carrier: Carrier, planned: PlannedCall, to: str) -> None:
    call = carrier.ring(from_=planned.caller, to=to, dial_outcome=lambda _number: planned.far_end)
    call.wait_until_quiet()
    for entry in planned.keys:
        if call.ended:
            return
        if planned.gives_up_ringing:
            _type_and_give_up(call, entry)
        else:
            call.type(entry)
    call.hang_up()


def _type_and_give_up(call: SimulatedCall, entry: str) -> None:
    """Type, and hang up should that have been the way to a desk."""
    for key in entry:
        if call.ended:
            return
        call.tap(key)
        call.advance(0.3)
    while not call.ended and not call.collecting:
        if call.state == "dialling":
            call.advance(_RINGS_FOR)
            call.hang_up()
            return
        call.advance(call.seconds_left)
