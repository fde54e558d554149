"""How much is tried: a third of a property's examples in the short run, all with the option."""

import pytest

OPTION = "--every-example"
SHARE = 3
"""The short run has one in so many."""

_is_asked_for = False


def add_option(parser: pytest.Parser) -> None:
    """Add the option that asks for all examples."""
    parser.addoption(OPTION, action="store_true", help="run each property with all its examples")


def configure(config: pytest.Config) -> None:
    """Note what was asked for, before the modules of the tests are read."""
    global _is_asked_for
    _is_asked_for = bool(config.getoption(OPTION))


def examples(number: int) -> int:
    """How many there are in this run, of so many in the whole one; at least one."""
    return number if _is_asked_for else max(1, number // SHARE)


def all_asked_for() -> bool:
    """Whether this is the whole run, in which nothing is left to another test."""
    return _is_asked_for
