"""Answers of views: a page, a refused form, a redirect with a banner, a polled region."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from flask import Response, flash, make_response, redirect, render_template, request
from markupsafe import Markup
from sqlalchemy import Connection, select, update
from werkzeug.wrappers import Response as AnyResponse

from backend.db.tables.staff import form_keys
from backend.db.transactions import upserting
from backend.staff.background_jobs.jobs import Job
from console.web.access import signed
from console.web.forms import Form, problems
from console.web.parts import parts
from console.web.written import seconds

Reply = AnyResponse | str
FORM_KEY = "form_key"


@dataclass(frozen=True, slots=True)
class PollBlock:
    """A region of figures as HTML, with the hash by which an unchanged one is known.

    ``beside`` are figures that stand elsewhere on the page; they come with the answer to a poll.
    """

    html: Markup
    version: str
    beside: Markup

    def __html__(self) -> str:
        return str(self.html)


def page(template: str, *, title: str, **values: object) -> str:
    """A whole page; ``title`` is its heading as well."""
    return render_template(template, title=title, **values)


def refused(template: str, *, title: str, form: Form, status: int = 422, **values: object) -> Reply:
    """The form once more, with all that was typed and what is wrong with it."""
    body = render_template(template, title=title, form=form, problems=problems(form), **values)
    return make_response(body, status)


def done(sentence: str, location: str) -> Reply:
    """On to the next page, which says what has happened."""
    flash(sentence)
    return redirect(location, 303)


def poll_block(
    region: str,
    url: str,
    every: int | None,
    template: str,
    beside: Mapping[str, str] = MappingProxyType({}),
    **values: object,
) -> PollBlock:
    """A region that is asked for again every so many seconds, or never more (``None``).

    The template holds figures only: buttons and ``<details>`` would lose focus and state. The words
    of links that change with it stand ``beside``, by the id of the ``<span>`` that they fill.
    """
    inner = render_template(template, **values)
    others = Markup("").join(
        Markup('<span id="{}" hx-swap-oob="true">{}</span>').format(name, words)
        for name, words in beside.items()
    )
    version = hashlib.sha256(f"{every}{inner}{others}".encode()).hexdigest()[:16]
    joined = "&" if "?" in url else "?"
    block = render_template(
        "macros/poll.html",
        region=region,
        url=f"{url}{joined}v={version}",
        every=every,
        inner=Markup(inner),  # noqa: S704 - rendered just above, with escaping
        refreshed=seconds(parts().clock()),
    )
    return PollBlock(Markup(block), version, others)  # noqa: S704 - the same


def answer_poll(block: PollBlock) -> Reply:
    """The region again, or 204 when it is as the browser has it."""
    if request.args.get("v") == block.version:
        return Response(status=204)
    return str(block.html + block.beside)


def once(connection: Connection, form: Mapping[str, str]) -> str | None:
    """``None`` when this form is sent for the first time, else where its first press led to.

    A form without a key is always sent for the first time.
    """
    key = form.get(FORM_KEY, "")
    if not key:
        return None
    row = {"form_key": key, "by": signed().name, "at": parts().clock(), "location": None}
    added = upserting(connection, form_keys).values(row).on_conflict_do_nothing()
    if connection.execute(added.returning(form_keys.c.form_key)).first() is not None:
        return None
    mine = (form_keys.c.form_key == key) & (form_keys.c.by == signed().name)
    return connection.execute(select(form_keys.c.location).where(mine)).scalar_one_or_none() or "/"


def remember(connection: Connection, form: Mapping[str, str], location: str) -> None:
    """Keep where this form led to, for a second press of it."""
    mine = (form_keys.c.form_key == form.get(FORM_KEY, "")) & (form_keys.c.by == signed().name)
    connection.execute(update(form_keys).where(mine).values(location=location))


def job_block(job: Job, url: str, worker_is_there: bool) -> PollBlock:
    """The bar of a job that a worker is at, or should be."""
    return poll_block("job", url, 1, "plan/_job.html", job=job, worker_is_there=worker_is_there)
