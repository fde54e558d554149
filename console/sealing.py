"""A telephone number as an opaque word for addresses and forms, which name nobody (S26).

Encrypt, then authenticate, under keys from ``SECRET_KEY``; the word is for one user and one hour.
"""

import base64
import binascii
import hmac
from datetime import datetime, timedelta
from random import Random

LIFE = timedelta(hours=1)
_NONCE = 16
_CHECK = 16
_MOST = 32
"""Bytes of a pad, and so of what is sealed: more than a number with its time has."""


def sealed(phone: str, user: str, secret: str, now: datetime, rng: Random) -> str:
    """The number (E.164) as a word that only this user can use, within ``LIFE``."""
    nonce = rng.randbytes(_NONCE)
    hidden = _mixed(f"{int(now.timestamp())} {phone}".encode(), nonce, secret)
    check = _check(nonce + hidden, user, secret)
    return base64.urlsafe_b64encode(nonce + check + hidden).decode().rstrip("=")


def opened(word: str, user: str, secret: str, now: datetime) -> str | None:
    """The number of a word, ``None`` for one that is foreign, changed or too old."""
    try:
        raw = base64.urlsafe_b64decode(word + "=" * (-len(word) % 4))
    except (binascii.Error, ValueError):
        return None
    nonce, check, hidden = raw[:_NONCE], raw[_NONCE : _NONCE + _CHECK], raw[_NONCE + _CHECK :]
    covered = _check(nonce + hidden, user, secret)
    if len(hidden) > _MOST or not hmac.compare_digest(check, covered):
        return None
    at, _, phone = _mixed(hidden, nonce, secret).decode().partition(" ")
    return (
        phone if timedelta() <= now - datetime.fromtimestamp(int(at), now.tzinfo) < LIFE else None
    )


def _mixed(data: bytes, nonce: bytes, secret: str) -> bytes:
    pad = hmac.digest(secret.encode(), b"number pad:" + nonce, "sha256")
    return bytes(a ^ b for a, b in zip(data, pad[: len(data)], strict=True))


def _check(covered: bytes, user: str, secret: str) -> bytes:
    whole = b"number check:" + covered + user.encode()
    return hmac.digest(secret.encode(), whole, "sha256")[:_CHECK]
