"""Pages for what went wrong: they say what to do, and nothing about the program."""

import logging

from flask import Flask, Response, make_response, render_template
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response as AnyResponse

from backend.staff.drafts import DraftError
from common.errors import (
    CampaignError,
    DatabaseUnreachableError,
    DownloadError,
    TaskError,
    UserError,
)
from console.web.own_paths import pressed_on
from console.web.pages import done
from console.web.refusals import refusal
from console.web.words import N_, _
from telemetry.catalogue import ERRORS, error_code
from telemetry.faults import note_fault

logger = logging.getLogger("zoldszam.console")

_PAGES = {
    400: (N_("The page is out of date"), N_("Go back, reload the page and send the form again.")),
    403: (N_("You are not allowed to do this"), N_("Ask an administrator for the permission.")),
    404: (N_("There is no such page"), N_("Check the address, or begin at the first page.")),
    405: (N_("There is no such page"), N_("Check the address, or begin at the first page.")),
    409: (N_("This is not possible now"), N_("Reload the page to see how things stand.")),
    413: (
        N_("The file is too large"),
        N_("A list may have 64 MB. Go back, and load it in several parts."),
    ),
    429: (N_("Too many requests"), N_("Wait a few minutes, then try again.")),
    500: (N_("The page could not be shown"), N_("Try again. If it fails again, tell us this:")),
    503: (N_("The records cannot be reached"), N_("Nothing was lost. Try again in a minute.")),
}


def add_error_pages(app: Flask) -> None:
    """Answer every failure with a page in the language of the user."""
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(CSRFError, lambda _error: _page(400))
    app.register_error_handler(DatabaseUnreachableError, _unreachable)
    app.register_error_handler(DownloadError, _no_download)
    for each in (CampaignError, DraftError, TaskError, UserError):
        app.register_error_handler(each, lambda _error: _page(409))
    app.register_error_handler(Exception, _fault)


def _http(error: HTTPException) -> Response:
    return _page(error.code or 500)


def _unreachable(error: DatabaseUnreachableError) -> Response:
    ERRORS.count("console", error_code(error))
    return _page(503)


def _no_download(error: DownloadError) -> AnyResponse | str:
    """Said on the page whose button was pressed; where that is not known, on one of its own."""
    sentence, at = refusal(error), pressed_on()
    return _page(429, hint=sentence) if at is None else done(sentence, at)


def _fault(error: Exception) -> Response:
    return _page(500, note_fault(error, "console", logger, "page_failed"))


def _page(code: int, reference: str | None = None, hint: str | None = None) -> Response:
    known = code if code in _PAGES else (500 if code >= 500 else 400)
    title, usual = _PAGES[known]
    said = _(usual) if hint is None else hint
    body = render_template("error.html", title=_(title), hint=said, reference=reference)
    return make_response(body, code)
