"""A passkey in a test: it makes and signs what a browser's authenticator would. Needs ``oidc``."""

import hashlib
import json
import os
from base64 import urlsafe_b64encode
from dataclasses import dataclass, field
from typing import Any

import cbor2
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256

ORIGIN, RP_ID = "https://localhost", "localhost"
_PRESENT, _WITH_KEY = 0x01, 0x40


@dataclass
class PasskeyDevice:
    """One key; ``origin`` and ``rp_id`` are what its browser says, ``count`` its uses."""

    origin: str = ORIGIN
    rp_id: str = RP_ID
    count: int = 0
    credential_id: bytes = field(default_factory=lambda: os.urandom(16))
    key: ec.EllipticCurvePrivateKey = field(
        default_factory=lambda: ec.generate_private_key(ec.SECP256R1())
    )

    def create(self, options: dict[str, Any]) -> str:
        """The answer of ``navigator.credentials.create``."""
        numbers = self.key.public_key().public_numbers()
        x, y = (number.to_bytes(32, "big") for number in (numbers.x, numbers.y))
        public = cbor2.dumps({1: 2, 3: -7, -1: 1, -2: x, -3: y})
        length = len(self.credential_id).to_bytes(2, "big")
        told = self._data(_PRESENT | _WITH_KEY) + bytes(16) + length + self.credential_id + public
        attested = cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": told})
        client = self._client("webauthn.create", options["challenge"])
        return self._answer(clientDataJSON=client, attestationObject=attested)

    def get(self, options: dict[str, Any]) -> str:
        """The answer of ``navigator.credentials.get``."""
        self.count += 1
        data = self._data(_PRESENT)
        client = self._client("webauthn.get", options["challenge"])
        signed = self.key.sign(data + hashlib.sha256(client).digest(), ec.ECDSA(SHA256()))
        return self._answer(clientDataJSON=client, authenticatorData=data, signature=signed)

    def _data(self, flags: int) -> bytes:
        relying = hashlib.sha256(self.rp_id.encode()).digest()
        return relying + bytes([flags]) + self.count.to_bytes(4, "big")

    def _client(self, kind: str, challenge: str) -> bytes:
        told = {"type": kind, "challenge": challenge, "origin": self.origin, "crossOrigin": False}
        return json.dumps(told).encode()

    def _answer(self, **response: bytes) -> str:
        own = _text(self.credential_id)
        told = {name: _text(value) for name, value in response.items()}
        return json.dumps(
            {
                "id": own,
                "rawId": own,
                "type": "public-key",
                "response": told,
                "clientExtensionResults": {},
            }
        )


def _text(data: bytes) -> str:
    return urlsafe_b64encode(data).decode().rstrip("=")
