"""Problems as RFC 9457 has them: what is wrong, what to do, and where in the request it is."""

import logging
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from flask import Flask, Response, current_app
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from werkzeug.exceptions import HTTPException
from werkzeug.http import HTTP_STATUS_CODES

from backend.imports.importer import ImportRefusedError
from common.csv_files.problems import CsvProblem
from common.error_codes import ErrorCode
from common.errors import ConfigurationError, DatabaseUnreachableError, RecordsError
from telemetry.catalogue import ERRORS, error_code
from telemetry.faults import note_fault

logger = logging.getLogger("zoldszam.api")

MEDIA_TYPE = "application/problem+json"

_RETRY_SECONDS = 5
_BY_CODE: Mapping[ErrorCode, int] = {
    ErrorCode.API_KEY_DISABLED: 401,
    ErrorCode.SCOPE_MISSING: 403,
    ErrorCode.CAMPAIGN_UNKNOWN: 404,
}
_CODES = {
    400: "bad-request",
    404: "not-found",
    405: "method-not-allowed",
    413: "too-large",
}


class Flaw(BaseModel):
    """One thing that is wrong in the request.

    ``row`` counts from 1; a text that names a line means that row.
    """

    model_config = ConfigDict(extra="forbid")

    pointer: str = Field(description="JSON Pointer (RFC 6901) into the request's body.")
    row: int | None = Field(default=None, description="The row of its array, from 1.")
    field: str | None = None
    value: str | None = Field(default=None, description="What stands there, shortened.")
    detail: str
    hint: str | None = None


class ProblemDocument(BaseModel):
    """A problem (RFC 9457); programs go by ``code``, people by ``detail`` and ``hint``."""

    type: str = "about:blank"
    title: str
    status: int
    code: str
    detail: str
    hint: str | None = None
    errors: list[Flaw] | None = None
    error_count: int | None = Field(
        default=None, description="All that is wrong, of which 50 are told."
    )


class Problem(Exception):  # noqa: N818 - it is the document that is sent
    """A request that is refused, by the endpoint or for what it asks."""

    def __init__(
        self,
        status: int,
        code: str,
        text: str,
        *,
        errors: Sequence[Flaw] | None = None,
        error_count: int | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(code)
        detail, hint = split_hint(text)
        self.document = ProblemDocument(
            title=HTTP_STATUS_CODES.get(status, "Unknown"),
            status=status,
            code=code,
            detail=detail,
            hint=hint,
            errors=None if errors is None else list(errors),
            error_count=error_count,
        )
        self.headers = dict(headers or {})

    def answer(self) -> Response:
        body = self.document.model_dump_json(exclude_none=True)
        return Response(
            body, self.document.status, mimetype=MEDIA_TYPE, headers=list(self.headers.items())
        )


def split_hint(text: str) -> tuple[str, str | None]:
    """What is wrong, and the last sentence, which says what to do, where there are several."""
    detail, dot, hint = text.rpartition(". ")
    return (f"{detail}.", hint) if dot else (text, None)


def flaws_of_rows(problems: Iterable[CsvProblem]) -> list[Flaw]:
    """Complaints of the import, by where the rows stand in the request."""
    return [_flaw_of_row(each) for each in problems]


def flaws_of_body(error: ValidationError) -> list[Flaw]:
    """Complaints of a body's or query's model, without the values."""
    return [
        Flaw(
            pointer="#" + "".join(f"/{_escaped(str(step))}" for step in each["loc"]),
            field=str(each["loc"][-1]) if each["loc"] else None,
            detail=each["msg"],
        )
        for each in error.errors(include_url=False, include_input=False, include_context=False)
    ]


def add_problem_answers(app: Flask) -> None:
    """Answer every failure with a problem."""
    app.register_error_handler(Problem, lambda problem: problem.answer())
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(RecordsError, lambda error: problem_of(error).answer())
    app.register_error_handler(Exception, _fault)


def problem_of(error: RecordsError) -> Problem:
    """The problem that an error of the use cases is to the one who asked."""
    if isinstance(error, DatabaseUnreachableError | ConfigurationError):
        ERRORS.count("api", error_code(error))
        logger.error("not served: %s", error.code, extra={"event": "request_not_served"})
        return Problem(
            503,
            "unavailable",
            "The records cannot be reached. Repeat it unchanged, with its Idempotency-Key.",
            headers={"Retry-After": str(_RETRY_SECONDS)},
        )
    if isinstance(error, ImportRefusedError):
        return Problem(
            422,
            error.code,
            "The rows are not sound, and none was taken over. Correct what the errors name.",
            errors=flaws_of_rows(error.problems),
            error_count=error.count,
        )
    return Problem(_BY_CODE.get(error.code, 422), error.code, str(error), errors=_row(error))


def _row(error: RecordsError) -> list[Flaw] | None:
    row, name = error.parameters.get("row"), error.parameters.get("array")
    if not isinstance(row, int):
        return None
    detail, hint = split_hint(str(error))
    return [Flaw(pointer=f"#/{name}/{row - 1}", row=row, detail=detail, hint=hint)]


def _flaw_of_row(problem: CsvProblem) -> Flaw:
    table, row = problem.file.removesuffix(".csv"), problem.line
    at = "" if row is None else f"/{row - 1}"
    at += "" if problem.column is None else f"/{_escaped(problem.column)}"
    detail, hint = split_hint(problem.complaint)
    return Flaw(
        pointer=f"#/{table}{at}",
        row=row,
        field=problem.column,
        value=problem.value,
        detail=detail,
        hint=hint,
    )


def _escaped(step: str) -> str:
    return step.replace("~", "~0").replace("/", "~1")


def _http(error: HTTPException) -> Response:
    status = error.code or 500
    code = _CODES.get(status, "refused" if status < 500 else "internal")
    headers = {name: value for name, value in error.get_headers() if name != "Content-Type"}
    return Problem(status, code, error.description or error.name, headers=headers).answer()


def _fault(error: Exception) -> Any:
    if current_app.config.get("PROPAGATE_EXCEPTIONS"):
        raise error
    reference = note_fault(error, "api", logger, "request_failed")
    told = f"This is a fault of ours. Tell us the number {reference}."
    return Problem(500, "internal", told).answer()
