"""The application of the console: its screens behind headers, session, token and permission."""

from flask import Flask, request
from flask_wtf import CSRFProtect
from flask_wtf.csrf import generate_csrf
from werkzeug.middleware.proxy_fix import ProxyFix

from common.errors import ConfigurationError
from common.phone_numbers import masked_phone, without_numbers
from console import exports, home
from console.account import identity, log, login, me, passkeys, presence, provider, staff
from console.calls import path, period, requests
from console.campaigns import acts, lists, plan_check, plan_steps, plan_typed, text_drafts, texts
from console.inbox import notes, replies, suppression, tasks
from console.menu import changes, check, closures, line_page, notices, tree, windows
from console.web import written
from console.web.access import admit, guard, may, require_declared
from console.web.errors import add_error_pages
from console.web.headers import add_headers
from console.web.parts import ConsoleParts
from console.web.parts import parts as own_parts
from console.web.static_files import static_url
from console.web.tables import labelled
from console.web.unfit_values import refuse_unfit_host, refuse_unfit_values
from console.web.words import N_, gettext, language, ngettext, word
from web_server.lenient_request import LenientRequest

LEAST_SECRET = 32
"""Characters of ``SECRET_KEY``: sessions and second factors hang on it."""

MOST_FORM_BYTES = 64 * 1024
"""Of every request; a view that takes a file raises it for itself."""

SCREENS = (
    login.blueprint,
    provider.blueprint,
    identity.blueprint,
    passkeys.blueprint,
    me.blueprint,
    presence.blueprint,
    home.blueprint,
    exports.blueprint,
    tasks.blueprint,
    replies.blueprint,
    notes.blueprint,
    suppression.blueprint,
    texts.blueprint,
    text_drafts.blueprint,
    lists.blueprint,
    acts.blueprint,
    plan_steps.blueprint,
    plan_typed.blueprint,
    plan_check.blueprint,
    period.blueprint,
    path.blueprint,
    requests.blueprint,
    tree.blueprint,
    check.blueprint,
    changes.blueprint,
    line_page.blueprint,
    log.blueprint,
    staff.blueprint,
    notices.blueprint,
    closures.blueprint,
    windows.blueprint,
)

BAR = (
    ("home.home", "home", N_("To do")),
    ("campaigns.campaigns", "campaign.see", N_("Campaigns")),
    ("inbox.inbox", "inbox.see", N_("Inbox")),
    ("templates.templates", "template.see", N_("Templates")),
    ("calls.calls", "call.see", N_("Calls")),
    ("tree.tree", "menu.see", N_("Menu and line")),
)
"""The bar: endpoint, permission, words; a screen that is not there is not in it."""

SECTIONS = {
    "campaign_acts": "campaigns",
    "call": "calls",
    "changes": "tree",
    "exports": "home",
    "identity": "staff",
    "passkeys": "account",
    "check": "tree",
    "closures": "tree",
    "line": "tree",
    "notices": "tree",
    "replies": "inbox",
    "plan": "campaigns",
    "plan_check": "campaigns",
    "plan_typed": "campaigns",
    "requests": "calls",
    "suppression": "inbox",
    "task_notes": "inbox",
    "text_drafts": "templates",
    "windows": "tree",
}
"""Screens that stand under another one's entry of the bar, by their blueprints."""

MORE = (("log.log", "log.see", N_("Log")), ("staff.staff", "staff.manage", N_("Staff")))


def create_application(parts: ConsoleParts) -> Flask:
    """Build it. Raises ``ConfigurationError`` for a ``SECRET_KEY`` that is too short."""
    if len(parts.secret) < LEAST_SECRET:
        raise ConfigurationError(
            f"SECRET_KEY has fewer than {LEAST_SECRET} characters, and the console's sessions hang "
            'on it. Make one: python -c "import secrets; print(secrets.token_hex(32))"'
        )
    app = Flask(__name__)
    app.request_class = LenientRequest
    app.config.update(
        SECRET_KEY=parts.secret,
        MAX_CONTENT_LENGTH=MOST_FORM_BYTES,
        SESSION_COOKIE_NAME="__Host-desk",
        SESSION_COOKIE_SECURE=True,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_PATH="/",
        WTF_CSRF_TIME_LIMIT=None,
        WTF_CSRF_SSL_STRICT=False,
    )
    app.extensions["console"] = parts
    app.before_request(refuse_unfit_host)
    guard(app)
    CSRFProtect(app)
    app.before_request(refuse_unfit_values)
    admit(app)
    for screen in SCREENS:
        app.register_blueprint(screen)
    require_declared(app)
    app.after_request(add_headers)
    add_error_pages(app)
    _add_words(app)
    if parts.proxy_hops:
        hops = parts.proxy_hops
        app.wsgi_app = ProxyFix(  # type: ignore[method-assign]  # as Flask documents it
            app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops
        )
    return app


def _add_words(app: Flask) -> None:
    jinja = app.jinja_env
    jinja.add_extension("jinja2.ext.i18n")
    jinja.trim_blocks = jinja.lstrip_blocks = True
    jinja.globals.update(
        _=gettext,
        gettext=gettext,
        ngettext=ngettext,
        word=word,
        may=may,
        language=language,
        csrf_token=generate_csrf,
        waiting_tasks=home.waiting_tasks,
        bar=lambda: _shown(app, BAR),
        more=lambda: _shown(app, MORE),
        section=_section,
        static_url=static_url,
        new_form_key=lambda: own_parts().rng.randbytes(16).hex(),
    )
    figures = ("number", "decimal", "percent")
    times = ("day", "short_day", "weekday", "table_day", "hour", "seconds", "moment", "moment_text")
    shown = (*figures, *times, "when", "ago", "lasting")
    jinja.filters.update({name: getattr(written, name) for name in shown})
    jinja.filters["labelled"] = labelled
    jinja.filters["masked"] = masked_phone
    jinja.filters["without_numbers"] = without_numbers


def _section() -> str:
    """The blueprint whose entry of the bar this page stands under."""
    own = request.blueprint or ""
    return SECTIONS.get(own, own)


def _shown(app: Flask, items: tuple[tuple[str, str, str], ...]) -> list[tuple[str, str]]:
    there = [item for item in items if item[0] in app.view_functions and may(item[1])]
    return [(endpoint, gettext(words)) for endpoint, _permission, words in there]
