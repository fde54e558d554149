"""Logging in by an identity provider (OpenID Connect)."""

import logging
from datetime import UTC, datetime

from flask import Blueprint, g, make_response, redirect, request, session, url_for
from werkzeug.exceptions import NotFound

from backend.records.leaving import log_out_and_give_back
from backend.staff.authentication.identity_provider import (
    Arrival,
    Flow,
    IdentityProvider,
    ProvenIdentity,
    ProviderError,
    ProviderFault,
)
from backend.staff.authentication.provider_login import (
    identify,
    log_in_by_provider,
    prove_by_provider,
)
from backend.staff.origin import acting_from
from console.account.held_session import hold, place_after
from console.web.access import open_to_all
from console.web.own_paths import safe_next
from console.web.pages import Reply, page
from console.web.parts import parts
from console.web.words import N_, _, language

blueprint = Blueprint("provider", __name__)
logger = logging.getLogger("zoldszam.console")

_FLOW = "flow"
_SUBJECT = "subject"
_REFUSALS = {
    ProviderFault.UNREACHABLE: (
        503,
        N_("The company's login service does not answer. Try again in a few minutes."),
    ),
    ProviderFault.CANCELLED: (
        403,
        N_("You have not finished the login at the company's login service."),
    ),
    ProviderFault.STALE: (
        400,
        N_("This login has expired, or was begun in another window. Begin again."),
    ),
    ProviderFault.ANSWER: (
        502,
        N_("The answer of the company's login service cannot be used. Tell the administrator."),
    ),
    ProviderFault.UNLINKED: (
        403,
        N_("Your company account may not use this console. Ask the administrator for access."),
    ),
    ProviderFault.OTHER_PERSON: (
        403,
        N_("You have proved to be somebody else. Log in with your own company account."),
    ),
    ProviderFault.WAIT: (429, N_("There were too many failures. Try again later.")),
}


@blueprint.get("/login/oidc")
@open_to_all
def begin() -> Reply:
    """Send the browser to the provider; with ``again``, whoever is logged in proves it anew."""
    again = "again" in request.args and g.get("signed") is not None
    try:
        address, flow = _provider().begin(parts().rng, language(), again=again)
    except ProviderError as error:
        return _refuse(error)
    session[_FLOW] = {
        "state": flow.state,
        "nonce": flow.nonce,
        "verifier": flow.verifier,
        "next": safe_next(request.args.get("next")),
        "asked_at": int(parts().clock().timestamp()) if again else None,
    }
    return redirect(address, 303)


@blueprint.get("/login/oidc/callback")
@open_to_all
def callback() -> Reply:
    """Begin a session for whom the provider has sent back, or renew the one that there is."""
    kept = session.pop(_FLOW, None)
    provider = _provider()
    if kept is None:
        return _refuse(ProviderError(ProviderFault.STALE, "no login is on its way"))
    flow = Flow(kept["state"], kept["nonce"], kept["verifier"])
    given = request.args
    arrival = Arrival(
        given.get("state", ""), given.get("code", ""), given.get("iss"), given.get("error")
    )
    address, found = request.remote_addr or "", g.get("signed")
    try:
        with acting_from(found.key if found is not None else "", address):
            proven = identify(parts().login_desk, provider, flow, arrival, address)
            sid = _session_for(proven, kept["asked_at"], address)
    except ProviderError as error:
        return _refuse(error)
    hold(sid)
    return redirect(place_after(sid, safe_next(kept["next"])), 303)


@blueprint.get("/login/oidc/refused/<fault>")
@open_to_all
def refused_login(fault: str) -> Reply:
    """Say why a login by the provider came to nothing, and what to do."""
    _provider()
    if fault not in tuple(ProviderFault):
        raise NotFound
    status, sentence = _REFUSALS[ProviderFault(fault)]
    body = page(
        "login/provider_refused.html",
        title=_("You are not logged in"),
        sentence=_(sentence),
        subject=session.pop(_SUBJECT, None) if fault == ProviderFault.UNLINKED else None,
    )
    return make_response(body, status)


def _session_for(proven: ProvenIdentity, asked_at: int | None, address: str) -> str:
    """The ``sid`` of the session that this proof begins or renews. Raises ``ProviderError``."""
    desk, found = parts().login_desk, g.get("signed")
    if asked_at is not None and found is not None:
        return prove_by_provider(desk, found, proven, datetime.fromtimestamp(asked_at, UTC))
    if asked_at is not None:
        raise ProviderError(ProviderFault.STALE, "the session has ended")
    try:
        sid = log_in_by_provider(desk, proven, address)
    except ProviderError:
        session[_SUBJECT] = proven.subject
        raise
    if found is not None:
        log_out_and_give_back(desk, found)
    return sid


def _provider() -> IdentityProvider:
    """The provider that is configured. Raises ``NotFound`` where none is."""
    provider = parts().provider
    if provider is None:
        raise NotFound
    return provider


def _refuse(error: ProviderError) -> Reply:
    # The type and a word of ours: never who it was.
    logger.warning(
        "login by the provider: %s (%s)",
        error.fault,
        error.reason,
        extra={"event": "provider_login_failed"},
    )
    return redirect(url_for(".refused_login", fault=error.fault), 303)
