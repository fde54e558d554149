"""Where events may be sent: an administrator's choice, over TLS, and nothing hidden in it."""

from ipaddress import IPv4Address, IPv6Address, ip_address
from urllib.parse import urlsplit

from common.error_codes import ErrorCode
from common.errors import RecordsError

MOST_IN_URL = 500


def checked_url(url: str) -> str:
    """The address, if events may be sent there.

    ``https``, or ``http`` to this machine itself; no name and password in it, for addresses are
    shown in lists. A private address is as good as any: the utility's own systems have such ones.
    Raises ``RecordsError``.
    """
    fault = _fault(url)
    if fault is not None:
        raise RecordsError(
            f"Events cannot be sent there: {fault} Write it like https://erp.example.hu/events.",
            code=ErrorCode.WEBHOOK_URL_INVALID,
        )
    return url


def _fault(url: str) -> str | None:
    if not url.isascii() or not url.isprintable() or " " in url or len(url) > MOST_IN_URL:
        return f"the address has signs that no address has, or more than {MOST_IN_URL}."
    try:
        parts = urlsplit(url)
        host, _port = parts.hostname or "", parts.port
    except ValueError:
        return "this is no address."
    if not host or parts.scheme not in ("http", "https"):
        return "this is no address of the web."
    if parts.username is not None or parts.password is not None:
        return "the address has a name or password in it."
    if parts.fragment:
        return "the part behind # is never sent."
    number = _number(host)
    if parts.scheme == "http" and not (host == "localhost" or (number and number.is_loopback)):
        return "http is good for this machine itself only; elsewhere it has to be https."
    if number and (number.is_link_local or number.is_multicast or number.is_unspecified):
        return "no system has this number in a network."
    return None


def _number(host: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(host)
    except ValueError:
        return None
