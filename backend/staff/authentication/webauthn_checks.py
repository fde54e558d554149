"""Passkeys checked by the library ``webauthn``, for one origin.

Needs the extra ``oidc``; only ``app.py`` imports it, where passkeys are switched on.
"""

from collections.abc import Sequence
from urllib.parse import urlsplit

from webauthn import (
    generate_authentication_options,
    generate_registration_options,
    options_to_json,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from backend.staff.authentication.passkeys import Credential, PasskeyError

_MILLISECONDS = 120_000
"""How long a browser waits for somebody to touch their key."""


class WebAuthnChecks:
    """The checks for the console at ``origin``, whose host is the relying party's id.

    Whether the authenticator asks for a finger or PIN is left to it: here a passkey comes after a
    password, and that somebody is there is enough. See ``PasskeyChecks``.
    """

    def __init__(self, origin: str, company: str) -> None:
        self._origin = origin
        self._rp_id = urlsplit(origin).hostname or ""
        self._company = company

    def to_enrol(
        self, name: str, handle: bytes, challenge: bytes, known: Sequence[Credential]
    ) -> str:
        options = generate_registration_options(
            rp_id=self._rp_id,
            rp_name=self._company,
            user_id=handle,
            user_name=name,
            challenge=challenge,
            timeout=_MILLISECONDS,
            authenticator_selection=AuthenticatorSelectionCriteria(
                resident_key=ResidentKeyRequirement.DISCOURAGED,
                user_verification=UserVerificationRequirement.PREFERRED,
            ),
            exclude_credentials=_descriptors(known),
        )
        return options_to_json(options)

    def to_prove(self, challenge: bytes, known: Sequence[Credential]) -> str:
        options = generate_authentication_options(
            rp_id=self._rp_id,
            challenge=challenge,
            timeout=_MILLISECONDS,
            allow_credentials=_descriptors(known),
            user_verification=UserVerificationRequirement.PREFERRED,
        )
        return options_to_json(options)

    def enrolled(self, answer: str, challenge: bytes) -> Credential:
        try:
            made = verify_registration_response(
                credential=answer,
                expected_challenge=challenge,
                expected_rp_id=self._rp_id,
                expected_origin=self._origin,
            )
        except Exception as error:
            # The library raises many things for answers that no browser would give.
            raise PasskeyError(type(error).__name__) from error
        return Credential(
            bytes_to_base64url(made.credential_id),
            bytes_to_base64url(made.credential_public_key),
            made.sign_count,
        )

    def proved(self, answer: str, challenge: bytes, known: Credential) -> int:
        try:
            found = verify_authentication_response(
                credential=answer,
                expected_challenge=challenge,
                expected_rp_id=self._rp_id,
                expected_origin=self._origin,
                credential_public_key=base64url_to_bytes(known.public_key),
                credential_current_sign_count=known.sign_count,
            )
        except Exception as error:
            # The library raises many things for answers that no browser would give.
            raise PasskeyError(type(error).__name__) from error
        return found.new_sign_count


def _descriptors(known: Sequence[Credential]) -> list[PublicKeyCredentialDescriptor]:
    return [
        PublicKeyCredentialDescriptor(id=base64url_to_bytes(each.credential_id)) for each in known
    ]
