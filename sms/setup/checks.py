"""Checks the setup at the carrier: compares what its API reports with what is wanted."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlsplit

from common.phone_numbers import is_e164
from messages.delivery.gateway import CarrierRefusesError, CarrierUnavailableError
from sms.setup.account_api import AccountApi, AccountState, ServiceSetup
from sms.setup.addresses import CALLS, MESSAGES, NumberSetup
from sms.setup.findings import Finding, doubtful, right, wrong

MOST_SKEW = timedelta(seconds=30)
"""One step of a console user's codes; clocks that are set by NTP keep within a second."""
_OURS = frozenset({"localhost", "127.0.0.1", "::1"})


@dataclass(frozen=True, slots=True)
class Wanted:
    """What this service is configured for.

    ``numbers`` (E.164) are those of its lines, ``sender`` what messages come from.
    """

    public_url: str
    numbers: Collection[str]
    sender: str | None


def check_setup(api: AccountApi, wanted: Wanted) -> Iterator[Finding]:
    """Ask the carrier and tell, one by one, what is right and what is wrong.

    Nothing is changed. Where the credentials are refused, or there is no answer, that is the last
    finding.
    """
    try:
        yield from _account(api.account())
        yield _clock(api.clock_skew)
        yield _public_url(wanted.public_url)
        ours = {each.number: each for each in api.numbers()}
        yield from _lines(ours, wanted)
        if wanted.sender is not None:
            yield from _sender(api, ours, wanted.sender, wanted.public_url)
    except CarrierRefusesError as error:
        yield wrong("TWILIO_AUTH_TOKEN", "refused", str(error))
    except CarrierUnavailableError as error:
        yield wrong(
            "TWILIO_API_URL",
            f"no usable answer ({error})",
            "Try again; if it stays so, see whether this machine reaches the carrier's API.",
        )


def _account(account: AccountState) -> Iterator[Finding]:
    subject = "TWILIO_ACCOUNT_SID"
    if account.status != "active":
        yield wrong(
            subject,
            f"the account is {account.status}",
            "Settle it with the carrier; until then it takes no call and sends no message.",
        )
    elif account.kind == "Trial":
        yield doubtful(
            subject,
            "the account is a trial",
            "It reaches verified numbers only; upgrade it before customers are written to.",
        )
    else:
        yield right(subject, "the account is active, and the token is its own")


def _clock(skew: timedelta | None) -> Finding:
    subject = "clock"
    if skew is None:
        return doubtful(subject, "the carrier told no time", "See whether a proxy drops `Date`.")
    seconds = round(skew.total_seconds())
    if abs(skew) > MOST_SKEW:
        where = "ahead of" if seconds > 0 else "behind"
        return wrong(
            subject,
            f"{abs(seconds)} seconds {where} the carrier's",
            "Set this machine's time by NTP (timedatectl set-ntp true).",
        )
    return right(subject, f"{seconds:+d} seconds from the carrier's")


def _public_url(public_url: str) -> Finding:
    split = urlsplit(public_url)
    if split.scheme == "http" and split.hostname not in _OURS:
        return doubtful(
            "PUBLIC_URL",
            "it is not encrypted",
            "Use https: numbers and typed keys go over this connection.",
        )
    return right("PUBLIC_URL", public_url)


def _lines(ours: dict[str, NumberSetup], wanted: Wanted) -> Iterator[Finding]:
    numbers: Sequence[str] = sorted(wanted.numbers)
    if not numbers:
        incoming = f"{wanted.public_url}{CALLS['voice_url']}"
        numbers = sorted(n for n, each in ours.items() if each.leads_to("voice_url", incoming))
        if not numbers:
            yield wrong(
                "numbers",
                f"none of the account's {len(ours)} numbers leads here",
                "Connect one: zoldszam carrier connect --number N",
            )
    for number in numbers:
        found = ours.get(number)
        if found is None:
            yield _not_ours(number, "LINES_FILE")
        elif not found.takes_calls:
            yield wrong(number, "takes no calls", "Take a number that can (capability Voice).")
        else:
            yield from _trunk(found)
            for field, path in CALLS.items():
                yield _address(found, field, f"{wanted.public_url}{path}")


def _sender(
    api: AccountApi, ours: dict[str, NumberSetup], sender: str, public_url: str
) -> Iterator[Finding]:
    if sender.startswith("MG"):
        yield from _service(api.service(sender), ours, sender, public_url)
    elif is_e164(sender):
        yield from _sending_number(ours, sender, public_url, "SMS_FROM")
    else:
        yield doubtful(
            sender,
            "messages come from a name, which nobody can answer",
            "Take a number in SMS_FROM, or a messaging service with one: who is written to "
            "must be able to write STOP.",
        )


def _service(
    found: ServiceSetup | None, ours: dict[str, NumberSetup], sid: str, public_url: str
) -> Iterator[Finding]:
    if found is None:
        yield wrong(sid, "no messaging service of this account", "See SMS_MESSAGING_SERVICE_SID.")
        return
    if not found.numbers and not found.names:
        yield wrong(sid, "has no sender", "Add a number to the messaging service.")
    elif not found.numbers:
        yield doubtful(
            sid, "sends from a name, which nobody can answer", "Add a number to the service."
        )
    if found.leaves_replies_to_numbers:
        for number in found.numbers:
            yield from _sending_number(ours, number, public_url, "the messaging service")
        return
    address = f"{public_url}{MESSAGES['sms_url']}"
    if found.inbound_url.partition("#")[0] != address:
        yield wrong(
            sid,
            f"replies go to {found.inbound_url or 'nowhere'}",
            f"Set the service's inbound request URL to {address} (POST).",
        )
    elif found.inbound_method != "POST":
        yield doubtful(
            sid,
            f"replies come by {found.inbound_method}, so proxies log numbers and texts",
            "Set the method of the service's inbound request URL to POST.",
        )
    else:
        yield right(sid, f"replies go to {address}")


def _sending_number(
    ours: dict[str, NumberSetup], number: str, public_url: str, source: str
) -> Iterator[Finding]:
    found = ours.get(number)
    if found is None:
        yield _not_ours(number, source)
    elif not found.takes_messages:
        yield wrong(number, "cannot send messages", "Take a number that can (capability SMS).")
    else:
        yield _address(found, "sms_url", f"{public_url}{MESSAGES['sms_url']}")


def _not_ours(number: str, source: str) -> Finding:
    return wrong(
        number,
        "is no number of this account",
        f"Correct it in {source}, or see whether TWILIO_ACCOUNT_SID is the account that has it.",
    )


def _trunk(number: NumberSetup) -> Iterator[Finding]:
    if number.trunk_sid:
        yield wrong(
            number.number,
            f"its calls go to the SIP trunk {number.trunk_sid}",
            "Take the number off the trunk at the carrier; addresses do not count until then.",
        )


def _address(number: NumberSetup, field: str, address: str) -> Finding:
    subject = number.number
    connect = f"zoldszam carrier connect --number {number.number}"
    found = number.fields[field]
    if application := number.application_of(field):
        return wrong(subject, f"{field}: the application {application} goes before it", connect)
    if field == "voice_fallback_url" and found and not number.leads_to(field, address):
        return right(subject, f"{field}: {found}, hosted elsewhere")
    if not number.leads_to(field, address):
        return wrong(subject, f"{field}: {found or 'not set'}, not {address}", connect)
    if number.method_of(field) != "POST":
        return doubtful(
            subject,
            f"{field}: asked by {number.method_of(field)}, so proxies log numbers and keys",
            connect,
        )
    return right(subject, f"{field}: {address}")
