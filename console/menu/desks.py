"""The desks of the lines, and what staff call them."""

from backend.desks import Desks, load_desks
from backend.rules.desk_hours import Desk
from console.calls.menu_words import shown
from console.web.memo import Memo
from console.web.parts import parts
from console.web.words import language

DESKS = Memo(seconds=10)


def desks_of(name: str) -> Desks:
    entry = next(each for each in shown().entries if each.name == name)
    file = entry.desks
    if file is None:
        return parts().desks
    return DESKS.get(str(file), parts().clock(), lambda: load_desks(file))


def all_desks() -> list[tuple[str, Desk]]:
    """Each desk with the line that it is of; lines that share a file share its desks."""
    found: dict[str, tuple[str, Desk]] = {}
    for name in shown().lines:
        for desk in desks_of(name).desks.values():
            found.setdefault(desk.name, (name, desk))
    return list(found.values())


def desk_titles(line: str | None = None) -> dict[str, str]:
    """What staff call each desk, of that line or of all, by its name in the files."""
    desks = [desk for _line, desk in all_desks()]
    if line is not None:
        desks = list(desks_of(line).desks.values())
    return {desk.name: desk.title(language()) for desk in desks}
