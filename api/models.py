"""What several operations take and give: texts without control characters, and pages."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

MOST_ROWS = 10_000
"""Of one array of a request."""

MOST_NAMES = 100
"""Of one row; no table has a tenth as many columns."""

Line = Annotated[
    str,
    StringConstraints(min_length=1, max_length=200, pattern=r"^[^\u0000-\u001f\u007f]+$"),
]
"""Some text on one line."""

Phone = Annotated[
    str,
    StringConstraints(min_length=1, max_length=40, pattern=r"^[^\u0000-\u001f\u007f]+$"),
    Field(description="A telephone number in any usual Hungarian spelling, or E.164."),
]


class Body(BaseModel):
    """Of every body and query: nothing unknown, and JSON's own types."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class PageQuery(Body):
    """Which page: ``after`` is the ``next`` of the page before."""

    limit: int = Field(default=100, ge=1, le=500)
    after: str | None = Field(default=None, pattern="^[0-9A-Z]{1,19}$")
