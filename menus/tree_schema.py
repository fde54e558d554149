"""The shape of a tree file: which keys there are and what each may hold.

The kind key (``menu``, ``form``, ``info``, ``transfer``, ``goto``, ``hangup``) says what an option
is and gives it its id. What this shape cannot say, such as keys without gaps, is in
``menus/structure_checks.py``.
"""

import re
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import BaseModel, BeforeValidator, ConfigDict, Discriminator, Field, Tag
from pydantic_core import PydanticCustomError

from menus.tree import Limits

KINDS = ("menu", "form", "info", "transfer", "goto", "hangup")

_WHOLE = re.compile(r"0|[1-9][0-9]{0,8}")
_DEFAULTS = Limits()


def _whole(value: object) -> object:
    if isinstance(value, str) and not _WHOLE.fullmatch(value):
        raise PydanticCustomError("whole_number", "not a whole number")
    return value


Whole = Annotated[int, BeforeValidator(_whole)]
Seconds = Annotated[Whole, Field(ge=1, le=60)]
Listening = Annotated[Whole, Field(ge=1, le=120)]
Attempts = Annotated[Whole, Field(ge=1, le=10)]
Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$", max_length=60)]
PromptId = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*(\.[a-z0-9][a-z0-9_]*)*$")]
Language = Annotated[str, Field(pattern=r"^[a-z]{2}$")]
Path = Annotated[str, Field(pattern=r"^[1-9](\.[1-9])*$")]
RuleId = Annotated[str, Field(pattern=r"^[A-Z]{2}-[0-9]{2}$")]
Rules = Annotated[list[RuleId], Field(min_length=1)]
"""Ids of the domain's rules that a form keeps, a transfer serves or a statement tells."""


Offers = Annotated[list[Name], Field(max_length=6)]
"""Ids of nodes that help at any hour, in the order of their keys."""


class _Part(BaseModel):
    # Built with the tree that holds them, not once more by themselves.
    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)


class MenuPart(_Part):
    """Options to choose from; its patience is the tree's unless it says its own."""

    menu: Name
    options: "dict[str, NodePart]"
    timeout: Seconds | None = None
    max_noinput: Attempts | None = None
    max_nomatch: Attempts | None = None


class FormPart(_Part):
    """A transaction; the form has the node's name unless ``uses`` names it."""

    form: Name
    uses: Name | None = None
    rules: Rules | None = None


def _is_told(value: object) -> str:
    return "<told>" if isinstance(value, dict) else "<listed>"


Statements: TypeAlias = Annotated[
    Annotated[list[PromptId], Field(min_length=1), Tag("<listed>")]
    | Annotated[dict[PromptId, Rules], Field(min_length=1), Tag("<told>")],
    Discriminator(_is_told),
]
"""Prompts in their order: a list, or a mapping from each to the rules that it tells."""


class InfoPart(_Part):
    """Statements; the prompt ``info.<id>`` unless they are listed. ``rules`` hold for them all.

    The line rests before each statement of ``rests``, so that a long item can be left half-way.
    """

    info: Name
    statements: Statements | None = None
    rests: Annotated[list[PromptId], Field(min_length=1)] | None = None
    rules: Rules | None = None


class TransferPart(_Part):
    """A person at a desk. ``statements`` are told first; ``offers`` help while it is closed."""

    transfer: Name
    desk: Name
    statements: Statements | None = None
    say: PromptId | None = None
    offers: Offers = []
    rules: Rules | None = None


class GotoPart(_Part):
    """Another way to the node whose id is ``to``."""

    goto: Name
    to: Name


class HangupPart(_Part):
    """A farewell and the end."""

    hangup: Name


def kind_of(value: object) -> str | None:
    """The tag of an option's kind, or None when it has no kind key or several."""
    kinds = kind_keys(value)
    return f"<{kinds[0]}>" if len(kinds) == 1 else None


def kind_keys(value: object) -> list[str]:
    return [kind for kind in KINDS if kind in value] if isinstance(value, dict) else []


NodePart: TypeAlias = Annotated[
    Annotated[MenuPart, Tag("<menu>")]
    | Annotated[FormPart, Tag("<form>")]
    | Annotated[InfoPart, Tag("<info>")]
    | Annotated[TransferPart, Tag("<transfer>")]
    | Annotated[GotoPart, Tag("<goto>")]
    | Annotated[HangupPart, Tag("<hangup>")],
    Discriminator(kind_of),
]


class LimitsPart(_Part):
    """Patience with a caller, and how long a caller has to listen; times in seconds."""

    timeout: Seconds = _DEFAULTS.timeout
    entry_timeout: Seconds = _DEFAULTS.entry_timeout
    max_noinput: Attempts = _DEFAULTS.max_noinput
    max_nomatch: Attempts = _DEFAULTS.max_nomatch
    max_faults: Annotated[Whole, Field(ge=1, le=50)] = _DEFAULTS.max_faults
    max_turns: Annotated[Whole, Field(ge=10, le=1000)] = _DEFAULTS.max_turns
    first_option: Seconds = _DEFAULTS.first_option
    sixth_option: Listening = _DEFAULTS.sixth_option
    item: Listening = _DEFAULTS.item


class TreePart(_Part):
    """A whole tree file."""

    version: Annotated[Literal[1], BeforeValidator(lambda value: 1 if value == "1" else value)]
    service: Literal["electricity", "heat"]
    languages: Annotated[list[Language], Field(min_length=1)]
    words: Name | None = None
    opening: list[PromptId] = []
    limits: LimitsPart = LimitsPart()
    operator: Name
    offers: Offers = []
    published_paths: dict[Path, Name] = {}
    menu: Name
    options: dict[str, NodePart]
    timeout: Seconds | None = None
    max_noinput: Attempts | None = None
    max_nomatch: Attempts | None = None


PARTS: dict[str, type[BaseModel]] = {
    "<menu>": MenuPart,
    "<form>": FormPart,
    "<info>": InfoPart,
    "<transfer>": TransferPart,
    "<goto>": GotoPart,
    "<hangup>": HangupPart,
}


def part_at(location: tuple[Any, ...]) -> type[BaseModel]:
    """The part of the shape that a pydantic location stands in."""
    if location and location[-1] == "limits":
        return LimitsPart
    return PARTS.get(location[-1], TreePart) if location else TreePart
