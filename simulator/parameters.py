"""The form fields that every voice webhook carries, as the carrier is known to send them."""

from dataclasses import dataclass
from random import Random

from simulator.transport import Form

API_VERSION = "2010-04-01"

# The second is the keypad spelling of ANONYMOUS; the carrier's lookup takes its +266 for Lesotho.
_COUNTRIES = {"+36": "HU", "+266": "LS"}


@dataclass(frozen=True, slots=True)
class Parties:
    """Who calls whom: what stays the same in every webhook of a call."""

    call_sid: str
    account_sid: str
    from_: str
    to: str


def spellings(number: str, country: str = "36") -> tuple[str, ...]:
    """The ways in which carriers and trunks write a number that is given in E.164."""
    national = number.removeprefix(f"+{country}")
    return (
        number,
        f"{country}{national}",
        f"06{national}",
        f"00{country}{national}",
        f"tel:{number}",
        f"sip:{number}@trunk.example.hu",
        f"sip:06{national}@192.0.2.1:5060;user=phone",
    )


def new_sid(prefix: str, rng: Random) -> str:
    """A carrier identifier: two letters and 32 hexadecimal digits."""
    return f"{prefix}{rng.getrandbits(128):032x}"


def standard_form(parties: Parties, call_status: str) -> Form:
    """The set that is sent whatever the webhook: unknown places are present and empty."""
    fields = {
        "AccountSid": parties.account_sid,
        "ApiVersion": API_VERSION,
        "CallSid": parties.call_sid,
        "CallStatus": call_status,
        "Direction": "inbound",
    }
    sides = {"From": parties.from_, "Caller": parties.from_, "To": parties.to, "Called": parties.to}
    for side, number in sides.items():
        fields[side] = number
        fields |= {f"{side}City": "", f"{side}State": "", f"{side}Zip": ""}
        fields[f"{side}Country"] = country_of(number)
    return list(fields.items())


def unknown_fields(rng: Random) -> Form:
    """Fields nobody has heard of, as the carrier adds without notice; hard to sign wrongly."""
    values = ["", "true", "Árvíztűrő tükörfúrógép", "a+b=c&d %20", " spaced ", "TN-Validation-B"]
    names = [f"X{rng.getrandbits(32):08x}" for _ in range(rng.randint(1, 3))]
    return [("StirVerstat", "TN-Validation-Passed-A")] + [(n, rng.choice(values)) for n in names]


def country_of(number: str) -> str:
    return next((c for prefix, c in _COUNTRIES.items() if number.startswith(prefix)), "")
