"""Short secrets under ``SECRET_KEY``: encrypted with a pad of their own, then authenticated.

Pads are HMAC-SHA-256 of a purpose, a nonce and a subject, so that none is used for anything else:
whoever calls this draws a new nonce for each secret.
"""

import hmac

MOST = 32
"""Bytes that a pad covers."""


def keyed_hash(secret: bytes, kind: str, value: str) -> str:
    """A value as it is compared without being kept: always the same, and it names nobody."""
    return hmac.digest(secret, f"{kind}:{value}".encode(), "sha256").hex()


def mixed(data: bytes, purpose: str, secret: str, nonce: bytes, subject: str = "") -> bytes:
    """The data combined with its pad: both ways the same. At most ``MOST`` bytes."""
    if len(data) > MOST:
        raise ValueError(f"a pad covers {MOST} bytes, not {len(data)}")
    pad = hmac.digest(secret.encode(), _labelled(purpose, "pad", nonce, subject), "sha256")
    return bytes(a ^ b for a, b in zip(data, pad, strict=False))


def check(hidden: bytes, purpose: str, secret: str, nonce: bytes, subject: str = "") -> bytes:
    """What proves that the encrypted data were made under this secret for this subject."""
    covered = _labelled(purpose, "check", nonce + hidden, subject)
    return hmac.digest(secret.encode(), covered, "sha256")


def sealed(data: bytes, purpose: str, secret: str, nonce: bytes, subject: str = "") -> str:
    """Nonce, encrypted data and proof as text, which ``opened`` reads."""
    hidden = mixed(data, purpose, secret, nonce, subject)
    proof = check(hidden, purpose, secret, nonce, subject)
    return ":".join(part.hex() for part in (nonce, hidden, proof))


def opened(text: str, purpose: str, secret: str, subject: str = "") -> bytes | None:
    """The data; ``None`` where they were sealed under another secret or for another subject."""
    nonce, hidden, proof = map(bytes.fromhex, text.split(":"))
    if not hmac.compare_digest(check(hidden, purpose, secret, nonce, subject), proof):
        return None
    return mixed(hidden, purpose, secret, nonce, subject)


def _labelled(purpose: str, what: str, data: bytes, subject: str) -> bytes:
    return f"{purpose} {what}:".encode() + data + subject.encode()
