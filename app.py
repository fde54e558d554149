"""The service: the one place that knows all rooms and wires them together.

``create_app()`` is the WSGI application factory; any WSGI server can run it, granian by
``granian --interface wsgi --factory app:create_app``.
"""

import logging
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from random import Random, SystemRandom

from flask import Flask, Response
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from backend.database import open_database
from backend.desks import Desks, load_calendar, load_desks
from backend.errors import RecordsError
from backend.rules.timezone import local_date
from backend.schema import require_newest
from doors.door import CarrierDoor
from doors.signature import SignatureCheck
from ivr.dialogue.call import Call
from ivr.dialogue.line import CallSetting
from ivr.dialogue.menu import conduct
from ivr.forms import FORMS
from ivr.prompts import SPOKEN
from ivr.switchboard import House, PublishedLine, Switchboard
from ivr.twiml import TwimlRenderer, Voice
from ivr.webhooks import VoiceDoors, voice_blueprint
from menus.check import check_line
from menus.findings import TreeError
from menus.loader import Line, load_line
from menus.slots import Hours, OpenHours
from settings import HERE, Settings
from sms.codes import load_codes
from sms.desk import desk_facts
from sms.templates.shipped import Kind
from sms.webhooks import SmsDoors, sms_blueprint

PROMPTS = HERE / "menus" / "prompts"

MOST_FORM_BYTES = 64 * 1024
"""A carrier's form has one or two kilobytes; nobody else gets to make us read more."""

logger = logging.getLogger("zoldszam")


def create_app(
    settings: Settings | None = None,
    *,
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    chance: Random | None = None,
) -> Flask:
    """Build the service from the environment, or from given settings, clock and chance.

    Raises ``TreeError`` for a tree that is not sound, ``SettingsError`` and ``RecordsError`` for
    settings and files that cannot be used: a service that would fail callers does not start.
    """
    settings = settings or Settings.from_environment()
    engine = open_database(settings.database_url)
    desks = load_desks(settings.desks)
    loaded = _sound_line(settings, desks)
    setting = CallSetting(loaded.tree, _hours(desks))
    calendar = load_calendar(settings.calendar)
    # The year's holidays are computed now, not while the first caller waits.
    calendar.weekday(local_date(clock()))
    house = House(desks, calendar, settings.caller_secret, settings.identification_limits)
    line = PublishedLine(_dialogue, setting, loaded.source_hash)
    switchboard = Switchboard(engine, line, house, clock=clock, chance=chance or SystemRandom())
    check = SignatureCheck(settings.auth_token)
    if check.is_shut:
        logger.warning("TWILIO_AUTH_TOKEN is not set: every webhook will be refused")
    door = CarrierDoor(check, settings.public_url)
    renderer = _renderer(settings, loaded, desks)
    fallback = renderer.fallback("technical_fault", loaded.tree.operator)
    app = Flask("zoldszam")
    app.config["MAX_CONTENT_LENGTH"] = MOST_FORM_BYTES
    app.extensions["engine"] = engine
    app.register_blueprint(voice_blueprint(VoiceDoors(switchboard, renderer, door, fallback)))
    if desks.messages is not None:
        codes = load_codes(settings.carrier_codes)
        sms = SmsDoors(engine, door, clock, codes, desk_facts(desks, Kind.SERVICE))
        app.register_blueprint(sms_blueprint(sms))
    _add_health(app, engine)
    return app


async def _dialogue(call: Call) -> None:
    await conduct(call, FORMS)


def _sound_line(settings: Settings, desks: Desks) -> Line:
    """Load the tree; ``TreeError`` with all errors that ``menu check`` would show."""
    line = load_line(settings.menu_tree, PROMPTS)
    findings = check_line(line, forms=FORMS, desks=desks.desks, required_prompts=SPOKEN)
    errors = [finding for finding in findings if finding.severity == "error"]
    if errors:
        raise TreeError(errors)
    return line


def _renderer(settings: Settings, line: Line, desks: Desks) -> TwimlRenderer:
    voices = {
        language: Voice(settings.voices[language], book.speaker.locale)
        for language, book in line.phrasebooks.items()
    }
    numbers = {name: desk.number for name, desk in desks.desks.items()}
    return TwimlRenderer(line.phrasebooks, voices, numbers)


def _hours(desks: Desks) -> Mapping[str, Hours]:
    return {
        name: Hours(tuple(OpenHours(each.weekdays, each.opens, each.closes) for each in desk.hours))
        for name, desk in desks.desks.items()
    }


def _add_health(app: Flask, engine: Engine) -> None:
    """``/healthz``: the process answers; ``/readyz``: the database does, and fits the program."""

    @app.get("/healthz")
    def healthz() -> str:
        return "ok\n"

    @app.get("/readyz")
    def readyz() -> Response:
        try:
            require_newest(engine)
        except (RecordsError, SQLAlchemyError) as error:
            reason = str(error) if isinstance(error, RecordsError) else "the database fails"
            return Response(f"not ready: {reason}\n", 503, mimetype="text/plain")
        return Response("ready\n", mimetype="text/plain")
