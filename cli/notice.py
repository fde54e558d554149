"""``zoldszam notice``, ``desk`` and ``window``: what is different for now, without restart."""

from datetime import UTC, date, datetime

import click

from backend.desks import load_desks
from backend.interface.codes import NoticeKind
from backend.records.notices import desk_closures, extra_windows, service_notices
from backend.rules.areas import EVERYWHERE
from cli.support.common import by_option, clock
from cli.support.database import database_option, reading, writing
from cli.support.local_time import DAY, TIME_OR_DAY
from common.timezone import local_date

area_option = click.option(
    "--area",
    default=EVERYWHERE,
    show_default=True,
    help="Beginnings of postcodes, such as 2000 or 11,12; * is everybody.",
)


@click.group("notice")
def notice_group() -> None:
    """Tell callers of an outage or of planned work, before the menu.

    A caller hears it when the calling number leads to an address in the area. It is in force at
    the next call.
    """


@notice_group.command("add")
@click.argument("kind", type=click.Choice(tuple(map(str, NoticeKind))))
@area_option
@click.option("--place-hu", required=True, help='As it is said: "Szentendrén".')
@click.option("--place-en", required=True, help='As it is said: "in Szentendre".')
@click.option("--from", "begins", type=TIME_OR_DAY, help="Budapest time; now if left out.")
@click.option("--until", "ends", type=TIME_OR_DAY, help="When supply is expected back.")
@by_option
@database_option
def add_command(
    kind: str,
    area: str,
    place_hu: str,
    place_en: str,
    begins: datetime | None,
    ends: datetime | None,
    by: str,
    database: str,
) -> None:
    """Begin to tell it. After --until it ends by itself."""
    now = datetime.now(UTC)
    with writing(database) as connection:
        number = service_notices.add_notice(
            connection,
            NoticeKind(kind),
            area,
            (place_hu, place_en),
            begins or now,
            ends,
            by,
            now=now,
        )
    click.echo(f"Notice {number} is told. End it: zoldszam notice end {number} --by {by}")


@notice_group.command("end")
@click.argument("number", type=int)
@by_option
@database_option
def end_command(number: int, by: str, database: str) -> None:
    """Stop telling it, because supply is back."""
    with writing(database) as connection:
        service_notices.end_notice(connection, number, by, datetime.now(UTC))
    click.echo(f"Notice {number} is over.")


@notice_group.command("list")
@database_option
def list_command(database: str) -> None:
    """List what is or will be told."""
    with reading(database) as connection:
        found = service_notices.open_notices(connection, datetime.now(UTC))
    for each in found:
        notice = each.notice
        until = "open" if notice.ends is None else clock(notice.ends)
        click.echo(
            f"{each.number:>4}  {notice.kind:<12}{clock(notice.begins)} – {until:<17}"
            f"{each.area:<12}{notice.place_hu} / {notice.place_en}"
        )
    if not found:
        click.echo("Nothing is told.")


@click.group("desk")
def desk_group() -> None:
    """Close a desk for a while, whatever desks.yaml says; callers hear its hours instead."""


@desk_group.command("close")
@click.argument("name")
@click.option("--from", "begins", type=TIME_OR_DAY, help="Budapest time; now if left out.")
@click.option("--until", "ends", type=TIME_OR_DAY, required=True, help="Budapest time.")
@by_option
@database_option
def close_command(
    name: str, begins: datetime | None, ends: datetime, by: str, database: str
) -> None:
    """Put nobody through to the desk until then."""
    now = datetime.now(UTC)
    from settings import Settings

    desks = load_desks(Settings.from_environment().desks)
    with writing(database) as connection:
        number = desk_closures.close_desk(connection, desks, name, begins or now, ends, by, now=now)
    click.echo(f"Closure {number}: {name} is closed until {clock(ends)}.")


@desk_group.command("open")
@click.argument("number", type=int)
@by_option
@database_option
def open_command(number: int, by: str, database: str) -> None:
    """Take a closure back."""
    with writing(database) as connection:
        desk_closures.open_desk(connection, number, by, datetime.now(UTC))
    click.echo(f"Closure {number} is taken back.")


@desk_group.command("list")
@database_option
def desks_command(database: str) -> None:
    """List closures that hold now or later, and when each desk answers."""
    # Of all that these commands do, only this speaks as a line does.
    from ivr.lines.publishing import spoken_hours
    from menus.print_forms import ENGLISH
    from settings import Settings

    desks = load_desks(Settings.from_environment().desks)
    hours = spoken_hours(desks)
    width = max(map(len, desks.desks), default=0)
    for name, desk in desks.desks.items():
        told = ENGLISH.hours(hours[name]).replace("\u2060", "")
        click.echo(f"{name:<{width}}  {desk.number:<14}  {told}")
    with reading(database) as connection:
        for each in desk_closures.closures(connection, datetime.now(UTC)):
            click.echo(
                f"closure {each.number}: {each.desk}, {clock(each.begins)} – {clock(each.ends)}"
            )


@click.group("window")
def window_group() -> None:
    """Open an extraordinary reading window, for example when prices change."""


@window_group.command("add")
@area_option
@click.option("--opens", type=DAY, required=True, help="First day.")
@click.option("--closes", type=DAY, required=True, help="Last day.")
@by_option
@database_option
def add_window_command(area: str, opens: date, closes: date, by: str, database: str) -> None:
    """Take readings of self-reading sites in the area on these days too."""
    now = datetime.now(UTC)
    with writing(database) as connection:
        number = extra_windows.add_window(connection, area, opens, closes, by, now=now)
    click.echo(f"Extra window {number} is open from {opens:%Y-%m-%d} to {closes:%Y-%m-%d}.")


@window_group.command("remove")
@click.argument("number", type=int)
@by_option
@database_option
def remove_window_command(number: int, by: str, database: str) -> None:
    """Take an extraordinary window back."""
    with writing(database) as connection:
        extra_windows.remove_window(connection, number, by, datetime.now(UTC))
    click.echo(f"Extra window {number} is taken back.")


@window_group.command("list")
@database_option
def windows_command(database: str) -> None:
    """List extraordinary windows that are open or will be."""
    today = local_date(datetime.now(UTC))
    with reading(database) as connection:
        for each in extra_windows.windows_since(connection, today):
            click.echo(f"{each.number:>4}  {each.opens} – {each.closes}  {each.area}")
