"""A telephone number as an opaque word for addresses and forms, which name nobody (S26).

Encrypt, then authenticate, under keys from ``SECRET_KEY``; the word is for one user and one hour.
"""

import base64
import binascii
import hmac
from datetime import datetime, timedelta
from random import Random

from common.encryption import MOST, check, mixed

LIFE = timedelta(hours=1)
_NONCE = 16
_CHECK = 16
_PURPOSE = "number"


def sealed(phone: str, user: str, secret: str, now: datetime, rng: Random) -> str:
    """The number (E.164) as a word that only this user can use, within ``LIFE``."""
    nonce = rng.randbytes(_NONCE)
    told = f"{int(now.timestamp())} {phone}".encode()
    hidden = mixed(told, _PURPOSE, secret, nonce, user)
    proof = check(hidden, _PURPOSE, secret, nonce, user)[:_CHECK]
    return base64.urlsafe_b64encode(nonce + proof + hidden).decode().rstrip("=")


def opened(word: str, user: str, secret: str, now: datetime) -> str | None:
    """The number of a word, ``None`` for one that is foreign, changed or too old."""
    try:
        raw = base64.urlsafe_b64decode(word + "=" * (-len(word) % 4))
    except (binascii.Error, ValueError):
        return None
    nonce, proof, hidden = raw[:_NONCE], raw[_NONCE : _NONCE + _CHECK], raw[_NONCE + _CHECK :]
    covered = check(hidden, _PURPOSE, secret, nonce, user)[:_CHECK]
    if len(hidden) > MOST or not hmac.compare_digest(proof, covered):
        return None
    at, _, phone = mixed(hidden, _PURPOSE, secret, nonce, user).decode().partition(" ")
    return (
        phone if timedelta() <= now - datetime.fromtimestamp(int(at), now.tzinfo) < LIFE else None
    )
