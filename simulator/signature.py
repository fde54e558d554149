"""``X-Twilio-Signature``, written from Twilio's published description and not from its library."""

import base64
import hmac
import re
from collections import defaultdict
from collections.abc import Iterable

_ADDRESS = re.compile(r"(?P<scheme>https?)://(?:[^/?#@]*@)?(?P<host>[^/?#]+)(?P<rest>[^#]*)")
_PORT = re.compile(r":\d+$")


def signed_url(url: str, *, keep_port: bool = False) -> str:
    """The form of ``url`` that a webhook signs.

    Without the fragment and without ``user:password@``. Over HTTPS a voice webhook signs without
    the port, a message's webhook with it (``keep_port``). The path and the query string stay as
    they were requested, escapes untouched.

    Raises ``ValueError`` for anything that is not an absolute HTTP address.
    """
    address = _ADDRESS.match(url)
    if address is None:
        raise ValueError(f"not an absolute http(s) address: {url!r}")
    host = address["host"]
    if address["scheme"] == "https" and not keep_port:
        host = _PORT.sub("", host)
    return f"{address['scheme']}://{host}{address['rest']}"


def signature(url: str, form: Iterable[tuple[str, str]], auth_token: str) -> str:
    """Base64 of HMAC-SHA1 over ``url`` followed by every form field as name and value.

    Names are sorted by code point; the values of a repeated name lose their duplicates and are
    sorted too; an empty value still contributes its name. ``url`` is taken as it is: pass it
    through ``signed_url`` first.
    """
    values: defaultdict[str, set[str]] = defaultdict(set)
    for name, value in form:
        values[name].add(value)
    signed = url + "".join(
        name + value for name in sorted(values) for value in sorted(values[name])
    )
    digest = hmac.digest(auth_token.encode(), signed.encode(), "sha1")
    return base64.b64encode(digest).decode()
