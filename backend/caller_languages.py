"""The language in which a caller is greeted: the one that the same number chose last."""

from datetime import datetime

from sqlalchemy import Connection, bindparam, delete, select

from backend.context import CallContext
from backend.database import upserting
from backend.tables import caller_languages

_CHOSEN = select(caller_languages.c.language).where(
    caller_languages.c.caller_key == bindparam("caller_key")
)


def find_language(connection: Connection, context: CallContext) -> str | None:
    """The language that this number last chose; ``None`` for a new or withheld one."""
    if context.caller_key is None:
        return None
    language: str | None = connection.scalar(_CHOSEN, {"caller_key": context.caller_key})
    return language


def remember_language(connection: Connection, language: str, context: CallContext) -> bool:
    """Greet this number so from now on; ``False`` when it is withheld."""
    if context.caller_key is None:
        return False
    chosen = {"language": language, "chosen_at": context.now}
    row = upserting(connection, caller_languages).values(caller_key=context.caller_key, **chosen)
    connection.execute(row.on_conflict_do_update(index_elements=["caller_key"], set_=chosen))
    return True


def forget_languages(connection: Connection, before: datetime) -> int:
    """Forget what was chosen before that moment; how many."""
    old = delete(caller_languages).where(caller_languages.c.chosen_at < before)
    return connection.execute(old).rowcount
