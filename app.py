"""The service: the one place that knows all rooms and wires them together.

``create_app()`` is the WSGI application factory; ``zoldszam serve`` runs it behind request
buffering (``service.py``).
"""

import logging
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from random import Random, SystemRandom
from typing import TYPE_CHECKING

from flask import Flask, Response
from sqlalchemy import Engine

from backend.context import CallContext
from backend.db.clock import DatabaseClock
from backend.db.transactions import open_database
from backend.desks import Desks, load_calendar, load_desks
from backend.readiness import Readiness
from backend.records.identification import caller_key
from backend.records_metrics import RecordsCollector
from carrier.signature import SignatureCheck
from carrier.webhook_guard import WebhookGuard
from common.errors import SettingsError
from ivr.call_handler import CallHandler
from ivr.kept_dialogues import KeptDialogues
from ivr.recordings import recordings_blueprint
from ivr.turn_middleware import TurnMiddleware
from ivr.turn_transaction import ServiceParts
from ivr.webhooks import VoiceWebhooks, voice_blueprint
from messages.campaigns.on_request import TextAnswers
from service_files import ServiceFiles, read_files, shown_lines
from settings import Settings
from sms.reading_replies import CHANNEL, ReadingReplies
from sms.webhooks import SmsWebhooks, sms_blueprint
from telemetry.catalogue import API_SECONDS, CONSOLE_SECONDS
from telemetry.endpoint import MetricsEndpoint
from telemetry.instruments import Histogram, Process
from telemetry.metrics import start as start_metrics
from telemetry.tracing import start_tracing
from telemetry.watched_requests import WatchedRequests
from web_server.lenient_request import LenientRequest
from web_server.plain_answers import answer_plainly

if TYPE_CHECKING:
    # The console's: a worker that answers the carrier knows nothing of logging in.
    from backend.staff.authentication.identity_provider import IdentityProvider
    from backend.staff.authentication.passkeys import PasskeyChecks

COMPANY = "Zöldszám"
"""Under what name an authenticator shows the console."""

MOST_FORM_BYTES = 64 * 1024
"""A carrier's form has one or two kilobytes; nobody else gets to make us read more."""

_WITHOUT_EXTRA = "what it needs is not installed: pip install 'zoldszam[oidc]'"

logger = logging.getLogger("zoldszam")


def create_app(
    settings: Settings | None = None,
    *,
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    rng: Random | None = None,
) -> Flask:
    """Build the service from the environment, or from given settings, clock and generator.

    Raises ``TreeError`` for a tree that is not sound, ``SettingsError`` and ``RecordsError`` for
    settings and files that cannot be used: a service that would fail callers does not start.
    """
    settings = settings or Settings.from_environment()
    engine = open_database(settings.database_url, secret=settings.secret_key, serves_callers=True)
    files = read_files(settings, clock)
    facts, lines = files.facts, files.lines
    drawn = rng or SystemRandom()
    parts = _service_parts(settings, files, drawn)
    dialogues = KeptDialogues()
    call_handler = CallHandler(
        engine,
        lines,
        parts,
        clock=clock,
        rng=drawn,
        dialogues=dialogues,
        confirm_after=settings.confirmation_delay,
    )
    guard = WebhookGuard(_signature_check(settings), settings.public_url)
    app = _webhook_application()
    app.extensions["engine"] = engine
    app.extensions["dialogues"] = dialogues
    _add_metrics(app, "webhooks", settings, RecordsCollector(engine, clock))
    _add_voice(app, VoiceWebhooks(call_handler, lines), guard, settings.recordings)
    if facts is not None:
        readings = ReadingReplies(facts, _contexts_of_replies(parts, files.desks, drawn))
        policy = settings.answer_policy
        sms = SmsWebhooks(
            engine, guard, clock, files.codes, facts, readings, lines.answer_by_message, policy
        )
        app.register_blueprint(sms_blueprint(sms))
    _add_health(app, Readiness(engine, clock))
    return app


def _service_parts(settings: Settings, files: ServiceFiles, rng: Random) -> ServiceParts:
    facts = files.facts
    return ServiceParts(
        files.calendar,
        files.tariffs,
        settings.caller_secret,
        settings.identification_limits,
        TextAnswers(facts, rng) if facts is not None and settings.sends_messages else None,
    )


def _webhook_application() -> Flask:
    # No folder of files, and no address that is redirected: a redirect would lead to whatever host
    # the request named.
    app = Flask("zoldszam", static_folder=None)
    app.request_class = LenientRequest
    answer_plainly(app)
    app.url_map.merge_slashes = False
    app.url_map.redirect_defaults = False
    app.config["MAX_CONTENT_LENGTH"] = MOST_FORM_BYTES
    return app


def _add_voice(
    app: Flask, webhooks: VoiceWebhooks, guard: WebhookGuard, recordings: Path | None
) -> None:
    """Answer calls, their usual turns before the framework and whatever else has been added."""
    app.register_blueprint(voice_blueprint(webhooks, guard))
    app.wsgi_app = TurnMiddleware(  # type: ignore[method-assign]  # as Flask documents it
        app.wsgi_app, webhooks, guard, most_bytes=MOST_FORM_BYTES
    )
    if recordings is not None:
        app.register_blueprint(recordings_blueprint(recordings))


def _contexts_of_replies(
    parts: ServiceParts, desks: Desks, rng: Random
) -> Callable[[str, str, datetime], CallContext]:
    """How a reading that is sent by SMS gets its context, as a call's does."""

    def context_of(message_sid: str, phone: str, now: datetime) -> CallContext:
        return parts.context(
            call_sid=message_sid,
            caller_key=caller_key(parts.secret, phone),
            channel=CHANNEL,
            now=now,
            rng=rng,
            desks=desks,
            caller=phone,
        )

    return context_of


def create_console(
    settings: Settings | None = None,
    *,
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    rng: Random | None = None,
) -> Flask:
    """Build the staff's pages, a process of its own on the same records.

    Raises ``SettingsError`` and ``RecordsError`` for what cannot be used.
    """
    # Read only here: a worker that answers the carrier starts without the staff's pages.
    from console.application import create_application
    from console.web.parts import ConsoleParts

    settings, engine, now = _records(settings, clock)
    parts = ConsoleParts(
        engine,
        now,
        rng or SystemRandom(),
        settings.secret_key or "",
        settings.second_factor,
        COMPANY,
        load_desks(settings.desks),
        load_calendar(settings.calendar),
        settings.sending_policy,
        shown_lines(settings, clock),
        proxy_hops=settings.console_proxies,
        web_phone=settings.web_phone,
        provider=_identity_provider(settings, now),
        passkeys=_passkeys(settings),
    )
    console = create_application(parts)
    _add_metrics(console, "console", settings, RecordsCollector(engine, now), CONSOLE_SECONDS)
    return console


def create_api(
    settings: Settings | None = None,
    *,
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    rng: Random | None = None,
) -> Flask:
    """Build the API for other systems, a process of its own on the same records.

    Raises ``SettingsError`` and ``RecordsError`` for what cannot be used.
    """
    from api.application import create_application
    from api.parts import ApiParts

    settings, engine, now = _records(settings, clock)
    parts = ApiParts(
        engine,
        now,
        rng or SystemRandom(),
        load_desks(settings.desks),
        settings.sending_policy,
    )
    app = create_application(parts)
    _add_health(app, Readiness(engine, now))
    _add_metrics(app, "api", settings, RecordsCollector(engine, now), API_SECONDS)
    return app


def _records(
    settings: Settings | None, clock: Callable[[], datetime]
) -> tuple[Settings, Engine, DatabaseClock]:
    """The settings, the records and their clock of a process that staff or systems ask."""
    settings = settings or Settings.from_environment()
    engine = open_database(settings.database_url, secret=settings.secret_key)
    return settings, engine, DatabaseClock(engine, clock)


def _signature_check(settings: Settings) -> SignatureCheck:
    check = SignatureCheck(settings.auth_token, settings.previous_auth_token)
    if check.is_shut:
        logger.warning(
            "TWILIO_AUTH_TOKEN is not set: every webhook will be refused",
            extra={"event": "token_missing"},
        )
    if settings.previous_auth_token:
        logger.info(
            "what TWILIO_AUTH_TOKEN_PREVIOUS has signed is taken, too; remove it once the new "
            "token is promoted",
            extra={"event": "previous_token"},
        )
    return check


def _identity_provider(
    settings: Settings, clock: Callable[[], datetime]
) -> "IdentityProvider | None":
    account = settings.provider_account
    if account is None:
        return None
    try:
        from backend.staff.authentication.openid_client import OpenIdClient
    except ModuleNotFoundError as error:
        raise SettingsError(f"OIDC_ISSUER is set, but {_WITHOUT_EXTRA}") from error
    return OpenIdClient(account, clock)


def _passkeys(settings: Settings) -> "PasskeyChecks | None":
    origin = settings.passkey_origin
    if origin is None:
        return None
    try:
        from backend.staff.authentication.webauthn_checks import WebAuthnChecks
    except ModuleNotFoundError as error:
        raise SettingsError(f"PASSKEYS is set, but {_WITHOUT_EXTRA}") from error
    return WebAuthnChecks(origin, COMPANY)


def _add_metrics(
    app: Flask,
    process: Process,
    settings: Settings,
    records: RecordsCollector,
    seconds: Histogram | None = None,
) -> None:
    """Count and trace from now on, and answer ``/metrics`` before the framework.

    With ``seconds`` the time of every other request is taken there.
    """
    start_metrics(process, settings.metrics_folder)
    if settings.traces_endpoint is not None:
        start_tracing(settings.traces_service or f"zoldszam-{process}")
    application = app.wsgi_app if seconds is None else WatchedRequests(app.wsgi_app, seconds)
    app.wsgi_app = MetricsEndpoint(  # type: ignore[method-assign]  # as Flask documents it
        application, settings.metrics_readers, [records]
    )


def _add_health(app: Flask, readiness: Readiness) -> None:
    """``/healthz``: the process answers; ``/readyz``: calls can be served. Both tell no more."""

    @app.get("/healthz")
    def healthz() -> str:
        return "ok\n"

    @app.get("/readyz")
    def readyz() -> Response:
        if readiness.is_ready():
            return Response("ready\n", mimetype="text/plain")
        return Response("not ready\n", 503, mimetype="text/plain")
