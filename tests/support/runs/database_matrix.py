"""Which tests run on PostgreSQL, too, in the short run; ``--every-database`` runs all on both.

PostgreSQL proves what SQLite cannot: locks, statements in its own dialect, migrations and races. A
test of such a thing has the mark ``both_databases``, or its module or scenario has.
"""

import pytest

OPTION = "--every-database"


def add_option(parser: pytest.Parser) -> None:
    """Add the option that asks for the full matrix."""
    parser.addoption(
        OPTION, action="store_true", help="run each test that has a database on both kinds"
    )


def deselect_repetitions(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out the runs on PostgreSQL of tests that mean to prove nothing about it.

    Whoever names PostgreSQL with ``-k`` or in the id of a test gets them, too.
    """
    if config.getoption(OPTION):
        return
    if any("postgresql" in asked for asked in (config.option.keyword, *config.args)):
        return
    repeated = [item for item in items if _is_repetition(item)]
    if repeated:
        config.hook.pytest_deselected(items=repeated)
        left_out = set(repeated)
        items[:] = [item for item in items if item not in left_out]


def _is_repetition(item: pytest.Item) -> bool:
    if not isinstance(item, pytest.Function) or not hasattr(item, "callspec"):
        return False
    chosen = item.callspec.params
    names = [name for name in ("database_url", "empty_database_url") if name in chosen]
    if not any(chosen[name] == "postgresql" for name in names):
        return False
    if item.get_closest_marker("both_databases"):
        return False
    # Where a test itself says which databases it is for, that stands.
    return not any(mark.args[0] in names for mark in item.iter_markers("parametrize"))
