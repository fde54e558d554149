"""Long downloads: the page on which their user waits, and the file once a worker has written it."""

from flask import Blueprint, Response, url_for
from sqlalchemy import Connection
from werkzeug.exceptions import Forbidden, NotFound

from backend.interface.codes import JobKind
from backend.staff.background_jobs.jobs import Job, a_worker_is_there, find_job, jobs_of
from backend.staff.background_jobs.stored_files import KEPT, each_part, file_name
from console.account.logged import download_named
from console.web.access import may, needs, signed
from console.web.exports import note_download
from console.web.pages import PollBlock, Reply, answer_poll, job_block, page
from console.web.parts import parts, reading
from console.web.refusals import job_refusal
from console.web.tables import file_response
from console.web.words import N_, _

blueprint = Blueprint("exports", __name__)

_STATES = {
    "waiting": N_("Download: %(what)s – it is being made"),
    "running": N_("Download: %(what)s – it is being made"),
    "done": N_("Download: %(what)s – it is ready"),
    "failed": N_("Download: %(what)s – it was not made"),
}


@blueprint.get("/exports/<job_id>")
@needs("export")
def export(job_id: str) -> Reply:
    """Wait for a list, or fetch it."""
    with reading() as connection:
        job = _mine(connection, job_id)
        file = file_name(connection, _file(job), signed().name)
        polled = None if job.is_over else _block(connection, job)
    return page(
        "exports/one.html",
        title=_("Download: %(what)s", what=_named(job)),
        job=job,
        polled=polled,
        file=file,
        refusal=job_refusal(job) if job.state == "failed" else None,
    )


@blueprint.get("/exports/<job_id>/progress")
@needs("export", poll=True)
def progress(job_id: str) -> Reply:
    """How far it is; the page loads itself again when that is over."""
    with reading() as connection:
        job = _mine(connection, job_id)
        if job.is_over:
            return Response(headers={"HX-Refresh": "true"})
        return answer_poll(_block(connection, job))


@blueprint.post("/exports/<job_id>/file")
@needs("export")
def fetch(job_id: str) -> Reply:
    """Load the file down; that is recorded, as every download is."""
    with reading() as connection:
        job = _mine(connection, job_id)
        name = file_name(connection, _file(job), signed().name)
    if name is None:
        raise NotFound
    if job.data["export"] == "log" and not may("log.see"):
        raise Forbidden
    note_download(f"{job.data['export']} {job.data['of']}".strip())
    return file_response(name, each_part(parts().engine, _file(job)))


def own_exports(connection: Connection) -> list[tuple[str, str]]:
    """The lists that this user has asked for within a day: words and addresses."""
    since = parts().clock() - KEPT
    return [
        (_(_STATES[job.state], what=_named(job)), url_for("exports.export", job_id=job.job_id))
        for job in jobs_of(connection, JobKind.EXPORT, signed().name, since)
    ]


def _mine(connection: Connection, job_id: str) -> Job:
    job = find_job(connection, job_id, signed().name)
    if job is None or job.kind is not JobKind.EXPORT:
        raise NotFound
    return job


def _file(job: Job) -> str:
    return str((job.result or {}).get("file", ""))


def _named(job: Job) -> str:
    return download_named(f"{job.data['export']} {job.data['of']}".strip())


def _block(connection: Connection, job: Job) -> PollBlock:
    alive = a_worker_is_there(connection, parts().clock())
    url = url_for("exports.progress", job_id=job.job_id)
    return job_block(job, url, alive)
