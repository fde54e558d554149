"""Numbers, dates and times as they are written in the language of the request.

Hungarian: AkH. 12, 295-297; figures are grouped from five digits on, by a no-break space.
"""

from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal

from babel.dates import format_date
from markupsafe import Markup

from common.timezone import in_budapest
from console.web.words import language, ngettext

_NBSP = "\u00a0"
_GROUPED_FROM = 10_000


def number(value: int) -> str:
    """``4800``, ``17 311``; in English ``4,800``."""
    if language() == "en":
        return f"{value:,}"
    return f"{value:,}".replace(",", _NBSP) if abs(value) >= _GROUPED_FROM else str(value)


def decimal(value: float) -> str:
    """One decimal: ``9,8``."""
    rounded = str(Decimal(str(value)).quantize(Decimal("0.1"), ROUND_HALF_UP))
    return rounded if language() == "en" else rounded.replace(".", ",")


def percent(part: int, whole: int) -> str:
    """``65%``, with one decimal only under one per cent; never 100% while anything is missing."""
    if whole <= 0:
        return "0%"
    share = 100 * part / whole
    if 0 < share < 1:
        return f"{decimal(max(share, 0.1))}%"
    rounded = int(Decimal(str(share)).quantize(Decimal(1), ROUND_HALF_UP))
    return f"{min(rounded, 99) if part < whole else rounded}%"


def day(value: date | datetime) -> str:
    """``2026. november 21.``"""
    return format_date(_date(value), "long", locale=language())


def short_day(value: date | datetime) -> str:
    """``2026. nov. 21.``"""
    return format_date(_date(value), "medium", locale=language())


def weekday(value: date | datetime) -> str:
    """``kedd``"""
    return format_date(_date(value), "EEEE", locale=language())


def table_day(value: date | datetime) -> str:
    """``2026. 11. 21.``, for tables; in English ``2026-11-21``."""
    local = _date(value)
    return local.isoformat() if language() == "en" else f"{local:%Y. %m. %d.}"


def hour(value: datetime) -> str:
    """``9:05``"""
    local = in_budapest(value)
    return f"{local.hour}:{local.minute:02}"


def moment(value: datetime) -> Markup:
    """Day and time for a table, as a ``<time>``."""
    local = in_budapest(value)
    text = f"{table_day(value)} {hour(value)}"
    return Markup('<time datetime="{}">{}</time>').format(local.isoformat(timespec="seconds"), text)


def moment_text(value: datetime) -> str:
    """Day and time without markup, for a button: ``2026. 11. 24. 8:00``."""
    return f"{table_day(value)} {hour(value)}"


def seconds(value: datetime) -> str:
    """``9:20:12``"""
    local = in_budapest(value)
    return f"{local.hour}:{local:%M:%S}"


def when(value: datetime, now: datetime) -> str:
    """The time alone on the same day, else with its day."""
    same = in_budapest(value).date() == in_budapest(now).date()
    return hour(value) if same else moment_text(value)


def lasting(value: timedelta) -> str:
    """``29 perc``, ``2 óra 5 perc``; less than a minute is one."""
    minutes = max(round(value.total_seconds() / 60), 1)
    hours, rest = divmod(minutes, 60)
    told = [ngettext("%(n)s hour long", "%(n)s hours long", hours)] if hours else []
    if rest:
        told.append(ngettext("%(n)s minute long", "%(n)s minutes long", rest))
    return " ".join(told)


def ago(value: datetime, now: datetime) -> Markup:
    """``3 perce``, with the exact time as its title."""
    local = in_budapest(value)
    title = f"{table_day(value)} {hour(value)}"
    stamp = local.isoformat(timespec="seconds")
    return Markup('<time datetime="{}" title="{}">{}</time>').format(
        stamp, title, _since(now - value)
    )


def _date(value: date | datetime) -> date:
    return in_budapest(value).date() if isinstance(value, datetime) else value


def _since(passed: timedelta) -> str:
    minutes = max(int(passed.total_seconds()) // 60, 0)
    if minutes < 60:
        return ngettext("%(n)s minute", "%(n)s minutes", minutes)
    if minutes < 48 * 60:
        return ngettext("%(n)s hour", "%(n)s hours", minutes // 60)
    return ngettext("%(n)s day", "%(n)s days", minutes // (24 * 60))


def to_the_second(value: datetime) -> str:
    """``2026-11-21 08:15:00+01:00``, for files that programs read."""
    return in_budapest(value).isoformat(sep=" ", timespec="seconds")
