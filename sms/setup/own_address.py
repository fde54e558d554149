"""Checks that ``PUBLIC_URL`` leads to this service: asks as the carrier does, changes nothing.

What is asked is the report of a call that has not ended: it is proved to be the carrier's and has
no consequence. Unsigned it must be refused, signed it must be taken.
"""

from collections.abc import Iterator

import requests
from twilio.request_validator import RequestValidator

from backend.http_deadline import DeadlineSession, within
from sms.setup.findings import Finding, right, wrong

_PATH = "/voice/status"
_QUERY = "?check=%C5%B1+1"
"""Proxies that decode a query, or write it anew, are found by this one."""
_FIELDS = {"CallSid": "CAcheck", "CallStatus": "ringing"}
_SECONDS = (5.0, 10.0)
"""For the connection and for the answer, each; the carrier waits as long."""
_SECONDS_IN_ALL = 15
_REFUSED, _TAKEN = 403, 204


def check_own_address(public_url: str, auth_token: str) -> Iterator[Finding]:
    """Tell how the public address answers what is signed and what is not."""
    address = public_url + _PATH
    try:
        with DeadlineSession() as session:
            unsigned = _ask(session, address, None)
            if (flaw := _unfit(public_url, unsigned)) is not None:
                yield flaw
                return
            signed = _ask(session, address + _QUERY, auth_token)
            plain = signed if signed == _TAKEN else _ask(session, address, auth_token)
    except requests.exceptions.SSLError:
        yield wrong(
            public_url,
            "its certificate is not accepted",
            "Renew it, with its whole chain, and for this very name.",
        )
        return
    except requests.RequestException as error:
        yield wrong(
            public_url,
            f"it cannot be reached from this machine ({type(error).__name__})",
            "See the DNS name, the proxy and the firewall; where only the outside reaches it, "
            "run this from there.",
        )
        return
    yield _judged(public_url, signed, plain)


def _unfit(public_url: str, status: int) -> Finding | None:
    """What is wrong with the answer to a request that nobody signed."""
    if status == _REFUSED:
        return None
    if 300 <= status < 400:
        return wrong(
            public_url,
            f"it redirects (HTTP {status})",
            "Set PUBLIC_URL to the address behind it: keys are lost on the way.",
        )
    if status >= 500:
        return wrong(
            public_url, f"it fails (HTTP {status})", "See the proxy, and `zoldszam serve`."
        )
    return wrong(
        public_url,
        f"another service answers there (HTTP {status})",
        "Set PUBLIC_URL to the address, path included, under which this service is reached.",
    )


def _judged(public_url: str, signed: int, plain: int) -> Finding:
    if signed == _TAKEN:
        return right(public_url, "it leads to this service, which knows the carrier's signature")
    if plain == _TAKEN:
        return wrong(
            public_url,
            "a proxy changes the query of an address",
            "Have it pass the address on as it came: the signature covers every sign of it.",
        )
    return wrong(
        public_url,
        f"the service refuses our signature (HTTP {signed})",
        "Start it with this PUBLIC_URL and this TWILIO_AUTH_TOKEN; if it was, a proxy changes "
        "the path.",
    )


def _ask(session: DeadlineSession, address: str, auth_token: str | None) -> int:
    headers = {}
    if auth_token is not None:
        signature: str = RequestValidator(auth_token).compute_signature(address, _FIELDS)
        headers["X-Twilio-Signature"] = signature
    with (
        within(_SECONDS_IN_ALL),
        session.post(
            address,
            data=_FIELDS,
            headers=headers,
            timeout=_SECONDS,
            allow_redirects=False,
            stream=True,
        ) as response,
    ):
        return response.status_code
