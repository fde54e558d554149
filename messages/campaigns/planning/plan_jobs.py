"""What a worker does for planned campaigns: judge a list for its figures, and make the campaign."""

import csv
import io
import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any, cast

from sqlalchemy import Connection, Engine

from backend.db.transactions import read, write
from backend.interface.codes import JobKind, MessageKind
from backend.staff.background_jobs.job_folders import job_folder
from backend.staff.background_jobs.job_runner import Handler
from backend.staff.background_jobs.jobs import Job, find_job
from backend.staff.background_jobs.stored_files import (
    content_of,
    discard_file,
    file_name,
    packed,
    store_file,
    stored_at,
)
from backend.staff.drafts import changed_elsewhere, take_draft
from common.csv_files.problems import CsvProblem
from common.csv_files.reading import Progress
from common.errors import RecipientsRefusedError, RecordsError
from common.timezone import local_date
from messages.campaigns.campaign import campaign_is_there, find_campaign
from messages.campaigns.lifecycle import Actor
from messages.campaigns.planning.drafting import LATELY, Draft, create
from messages.campaigns.planning.judged_lists import discard_judged
from messages.campaigns.planning.plans import file_is_gone
from messages.campaigns.policy import SendingPolicy
from messages.campaigns.recipients.selection import selected
from messages.campaigns.recipients.source import (
    DebtRegister,
    FormerCampaign,
    RecipientsFile,
    Source,
)
from messages.campaigns.template_library import find_template
from messages.content.desk_facts import DeskFacts


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanJobs:
    """The handlers of jobs about planned campaigns, with what they need."""

    engine: Engine
    policy: SendingPolicy
    facts: Callable[[MessageKind], DeskFacts]
    clock: Callable[[], datetime]
    rng: Random

    def handlers(self) -> dict[JobKind, Handler]:
        return {JobKind.JUDGE: self.judge, JobKind.CREATE: self.create}

    def judge(self, job: Job, progress: Progress) -> Mapping[str, Any]:
        """Read and judge a list and throw it away: its figures, and a file of who is left out."""
        now = self.clock()
        message = job.data["message"]
        kind = job.data["kind"]
        with (
            self._source(job) as source,
            self._with_faults(job),
            selected(self.engine, source, self.policy, now, progress, kind=kind) as selection,
        ):
            lately = None if message is None else selection.reminded_with(message, now - LATELY)
            parts = packed(_as_csv(selection.left_out()))
        with write(self.engine) as connection:
            exclusions = store_file(connection, "exclusions", parts, job.by, now, self.rng)
        return {
            "rows": selection.rows,
            "recipients": selection.recipients,
            "excluded": {reason.value: n for reason, n in selection.excluded.items()},
            "lately": lately,
            "exclusions": exclusions,
        }

    def create(self, job: Job, progress: Progress) -> Mapping[str, Any]:
        """Make the campaign whose id the job names, once, in the place of its plan.

        Raises ``DraftError`` for a plan that was changed or discarded since it was submitted.
        """
        if not self._is_made(job):
            try:
                self._make(job, progress)
            except RecordsError:
                # Another worker, which this one took for dead, may have been first.
                if not self._is_made(job):
                    raise
        return {"campaign": job.data["campaign"]}

    def _is_made(self, job: Job) -> bool:
        with read(self.engine) as connection:
            return campaign_is_there(connection, job.data["campaign"])

    def _make(self, job: Job, progress: Progress) -> None:
        actor = Actor(job.by, self.clock())
        with write(self.engine) as connection:
            draft = self._draft(connection, job, actor.now)

        def begin(connection: Connection) -> str:
            return _in_place_of_plan(connection, job)

        with self._source(job) as source, self._with_faults(job):
            create(self.engine, draft, source, self.policy, actor, self.rng, progress, begin)

    def _draft(self, connection: Connection, job: Job, now: datetime) -> Draft:
        stored = find_template(connection, job.data["template"], job.data["version"], now=now)
        begins = job.data["starts_at"]
        return Draft(
            job.data["name"],
            stored,
            self.facts(stored.kind),
            job.data["spelling"],
            datetime.fromisoformat(begins) if begins else None,
        )

    @contextmanager
    def _source(self, job: Job) -> Iterator[Source]:
        match job.data["source"]:
            case "file":
                with job_folder() as folder:
                    yield RecipientsFile(self._written(job, folder))
            case "register":
                today = local_date(self.clock())
                yield DebtRegister(today - timedelta(days=job.data["days"] - 1))
            case _:
                with read(self.engine) as connection:
                    former = find_campaign(connection, job.data["former"])
                yield FormerCampaign(former.campaign_id, former.source)

    def _written(self, job: Job, folder: Path) -> Path:
        with read(self.engine) as connection:
            name = file_name(connection, job.data["file"], job.by)
            if name is None:
                raise file_is_gone()
            path = folder / name
            with path.open("wb") as target:
                for part in content_of(connection, job.data["file"]):
                    target.write(part)
        return path

    @contextmanager
    def _with_faults(self, job: Job) -> Iterator[None]:
        """Keep the faults of a list for a table of them, no longer than the list itself.

        They hold values of it; the job's result has but the id of their file.
        """
        try:
            yield
        except RecipientsRefusedError as error:
            parts = packed([json.dumps(_listed(error)).encode()])
            with write(self.engine) as connection:
                file = job.data.get("file")
                since = (stored_at(connection, file) if file else None) or self.clock()
                faults = store_file(connection, "faults", parts, job.by, since, self.rng)
            raise RecipientsRefusedError(
                str(error), code=error.code, count=error.parameters.get("count"), faults=faults
            ) from error


def _in_place_of_plan(connection: Connection, job: Job) -> str:
    """Take the plan away, with its list, in the transaction that stores its campaign; its id.

    So there is one of them, whatever fails. Raises ``DraftError``.
    """
    draft_id = job.data["draft"]
    plan = take_draft(connection, draft_id)
    if plan.get("making") != job.job_id:
        raise changed_elsewhere(draft_id)
    discard_judged(connection, find_job(connection, plan.get("job"), job.by))
    if job.data.get("file"):
        discard_file(connection, job.data["file"])
    return str(job.data["campaign"])


def _listed(error: RecipientsRefusedError) -> list[dict[str, Any]]:
    problems = cast(tuple[CsvProblem, ...], error.parameters.get("problems", ()))
    return [
        {"fault": each.fault.value, "line": each.line, "column": each.column, "value": each.value}
        for each in problems
    ]


def _as_csv(rows: Iterator[tuple[int, str, str]]) -> Iterator[bytes]:
    """Rows as CSV, a batch at a time."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, delimiter=";", lineterminator="\n")
    for count, row in enumerate(rows, 1):
        writer.writerow(row)
        if count % 10_000 == 0:
            yield buffer.getvalue().encode()
            buffer.seek(0)
            buffer.truncate()
    yield buffer.getvalue().encode()
