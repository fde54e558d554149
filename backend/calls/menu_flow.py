"""How calls went through one version of a menu: each place with who came to it and where they went.

Distinct calls are counted, so a caller who hears a menu three times counts once.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection, func, select

from backend.calls.call_lists import Result, result_column
from backend.calls.call_statistics import Dialled, at_last_turns, during, path_column
from backend.db.tables.records import calls, turns

FIRST_MENU = "-"


@dataclass(frozen=True, slots=True)
class PlaceFlow:
    """Calls at one place: ``reached`` = ``went_on`` + all of ``ended``, which are by result.

    A call that is going on and was there last is among ``ended`` as ``Result.GOING_ON``.
    """

    reached: int = 0
    ended: Mapping[Result, int] = field(default_factory=Counter)

    def __add__(self, other: "PlaceFlow") -> "PlaceFlow":
        return PlaceFlow(self.reached + other.reached, Counter(self.ended) + Counter(other.ended))

    @property
    def went_on(self) -> int:
        """Calls that were somewhere else after this."""
        return self.reached - sum(self.ended.values())

    @property
    def hung_up(self) -> int:
        """Calls that were given up here, without anything stored or anybody reached."""
        return self.ended.get(Result.HUNG_UP, 0)

    @property
    def going_on(self) -> int:
        return self.ended.get(Result.GOING_ON, 0)

    @property
    def finished(self) -> int:
        """Calls that came to an end here: settled, put through or told what they asked for."""
        return sum(self.ended.values()) - self.hung_up - self.going_on


@dataclass(frozen=True, slots=True)
class MenuFlow:
    """The calls of a period that began with one version of a menu, by path ("" is the first menu).

    ``calls`` began with this version, ``of_other_versions`` with another one of the same line.
    The flows of two periods that do not overlap may be added.
    """

    calls: int
    of_other_versions: int
    places: Mapping[str, PlaceFlow]

    def __add__(self, other: "MenuFlow") -> "MenuFlow":
        paths = {**self.places, **other.places}
        return MenuFlow(
            self.calls + other.calls,
            self.of_other_versions + other.of_other_versions,
            {path: self.at(path) + other.at(path) for path in paths},
        )

    def at(self, path: str) -> PlaceFlow:
        """The calls at a place; none where nobody came."""
        return self.places.get(path, PlaceFlow())


def menu_flow(
    connection: Connection, since: datetime, until: datetime, dialled: Dialled, tree_hash: str
) -> MenuFlow:
    """Count the calls that began from ``since`` up to, not including, ``until`` on that line."""
    period = during(since, until, dialled)
    version = calls.c.tree_hash
    counted = select(version, func.count()).where(*period).group_by(version)
    versions = {str(name): int(number) for name, number in connection.execute(counted)}
    own = (*period, calls.c.tree_hash == tree_hash)
    path = path_column(connection).label("path")
    reached = (
        select(path, func.count(turns.c.call_sid.distinct()))
        .join_from(turns, calls)
        .where(*own)
        .group_by(path.name)
    )
    result = result_column().label("result")
    ended = at_last_turns(select(path, result, func.count()), *own)
    ended = ended.group_by(path.name, result.name)
    ends: dict[str, Counter[Result]] = {}
    for place, became, number in connection.execute(ended):
        ends.setdefault(place, Counter())[Result(became)] = number
    return MenuFlow(
        calls=versions.pop(tree_hash, 0),
        of_other_versions=sum(versions.values()),
        places={
            "" if place == FIRST_MENU else place: PlaceFlow(number, ends.get(place, Counter()))
            for place, number in connection.execute(reached)
        },
    )
