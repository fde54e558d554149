"""Who may read the metrics of a process."""

from __future__ import annotations

import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from wsgiref.types import WSGIEnvironment

Network: TypeAlias = IPv4Network | IPv6Network

LOOPBACK: tuple[Network, ...] = (ip_network("127.0.0.0/8"), ip_network("::1/128"))

_OF_A_PROXY = ("HTTP_FORWARDED", "HTTP_X_FORWARDED_FOR", "HTTP_X_REAL_IP", "HTTP_VIA")
"""What a proxy adds; whoever stands behind it is not at the address that we see."""


@dataclass(frozen=True, slots=True)
class Readers:
    """Who may read the metrics: whoever has the token, else whoever calls from these networks.

    With a token the address does not count: behind a proxy on this machine all the world comes
    from loopback.
    """

    networks: Sequence[Network] = LOOPBACK
    token: str | None = None

    def include(self, environ: WSGIEnvironment) -> bool:
        """Whether the request is one of theirs."""
        if self.token is not None:
            given = environ.get("HTTP_AUTHORIZATION", "").encode("latin-1", "replace")
            return hmac.compare_digest(given, b"Bearer " + self.token.encode())
        if any(name in environ for name in _OF_A_PROXY):
            return False
        try:
            address = ip_address(_host(environ.get("REMOTE_ADDR", "")))
        except ValueError:
            return False
        own = getattr(address, "ipv4_mapped", None) or address
        return any(own in network for network in self.networks)


def _host(address: str) -> str:
    """The address without a port; some servers give one."""
    if address.startswith("["):
        return address[1:].partition("]")[0]
    return address.partition(":")[0] if address.count(":") == 1 else address
