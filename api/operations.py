"""What the API can do: each operation once, for its route, its checks and OpenAPI."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, Literal, TypeVar

from pydantic import BaseModel, ConfigDict

from api.parts import Call
from backend.interface.codes import Scope

Asked = TypeVar("Asked", bound=BaseModel)


class Nothing(BaseModel):
    """A query without parameters."""

    model_config = ConfigDict(extra="forbid")


@dataclass(frozen=True, slots=True)
class Operation(Generic[Asked]):
    """One operation: ``asks`` is the model of a POST's body, or of a GET's query.

    A key needs one of ``scopes``; the use case asks for more where it depends on the body. What
    ``changes`` something is done once for an ``Idempotency-Key``.
    """

    method: Literal["GET", "POST"]
    path: str
    name: str
    run: Callable[[Call, Asked], BaseModel]
    asks: type[Asked]
    answers: type[BaseModel]
    scopes: tuple[Scope, ...]
    summary: str
    changes: bool = False
    status: int = 200


AnyOperation = Operation[Any]
