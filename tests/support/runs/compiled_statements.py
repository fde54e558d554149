"""Statements that are compiled once a run instead of once for each test's engine."""

from typing import Any

from sqlalchemy import Engine, create_engine


class _SharedCache(dict[Any, Any]):
    """Compiled statements of all engines on one kind and version of database.

    SQLAlchemy's key begins with the engine's own dialect object, which is another for each test.
    """

    def get(self, key: Any, default: Any = None) -> Any:
        return super().get(_alike(key), default)

    def __setitem__(self, key: Any, compiled: Any) -> None:
        super().__setitem__(_alike(key), compiled)


def _alike(key: Any) -> Any:
    dialect, *rest = key
    kind = (type(dialect), dialect.server_version_info, dialect.paramstyle)
    return kind, *rest


_compiled = _SharedCache()


def engine_that_shares(*arguments: Any, **options: Any) -> Engine:
    """Make an engine as ``create_engine`` does, which knows what others have compiled."""
    engine = create_engine(*arguments, **options)
    engine.update_execution_options(compiled_cache=_compiled)
    return engine
