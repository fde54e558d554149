"""How much is tried: a twelfth of a property's examples in the short run, all with the option.

The short run tries the same ones each time, so that what fails there fails again; what nobody has
thought of yet is for the whole run to find, which tries others each time.
"""

from collections.abc import Iterable
from typing import TypeVar

import pytest
from hypothesis import settings

from tests.support.runs.quick_hypothesis import read_no_constants, say_characters

T = TypeVar("T")

OPTION = "--every-example"
SHARE = 12
"""The short run has one in so many."""

_USUAL = 100
"""How many examples a property has that does not say how many it needs."""

_is_asked_for = False


def add_option(parser: pytest.Parser) -> None:
    """Add the option that asks for all examples."""
    parser.addoption(OPTION, action="store_true", help="run each property with all its examples")


def configure(config: pytest.Config) -> None:
    """Note what was asked for, before the modules of the tests are read."""
    global _is_asked_for
    _is_asked_for = bool(config.getoption(OPTION))
    # How long an example takes is for the benchmarks; a busy machine must not fail a property.
    settings.register_profile(
        "patient", deadline=None, max_examples=examples(_USUAL), derandomize=not _is_asked_for
    )
    settings.load_profile("patient")
    patch = pytest.MonkeyPatch()
    say_characters(patch)
    if not _is_asked_for:
        read_no_constants(patch)
    config.add_cleanup(patch.undo)


def deselect_second_examples(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave to the whole run what is marked ``whole_run``, unless a test is named by its id."""
    if _is_asked_for or any("::" in asked for asked in config.args):
        return
    left_out = {item for item in items if item.get_closest_marker("whole_run")}
    if left_out:
        config.hook.pytest_deselected(items=list(left_out))
        items[:] = [item for item in items if item not in left_out]


def examples(number: int) -> int:
    """How many there are in this run, of so many in the whole one; where they are few, three."""
    return number if _is_asked_for else max(min(number, 3), number // SHARE)


def few(values: Iterable[T], kept: int) -> list[T]:
    """All of these in the whole run; in the short one the first ones, which prove the rule."""
    return list(values) if _is_asked_for else list(values)[:kept]


def all_asked_for() -> bool:
    """Whether this is the whole run, in which nothing is left to another test."""
    return _is_asked_for
