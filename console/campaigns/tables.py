"""The lists of a campaign as files: recipients, who is told by letter, who was left out."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Engine

from backend.interface.codes import OutboxState
from common.timezone import in_budapest
from console.web.exports import Table
from console.web.words import _, word
from messages.campaigns.planning.recipient_lists import Recipient, each_exclusion, each_recipient


def recipients_table(engine: Engine, chosen: Mapping[str, str], _now: datetime) -> Table:
    """The recipients of ``campaign``, in the ``state`` that is given or in all; numbers masked."""
    campaign, state = chosen["campaign"], chosen.get("state", "")
    states = (state,) if state in tuple(OutboxState) else ()
    header = [_("Row"), _("Case"), _("Number"), _("State"), _("Reason"), _("When")]
    name = "-".join(["kampany", campaign, *(word("file name", each) for each in states)])
    rows = map(_recipient, each_recipient(engine, campaign, states))
    return Table(name, header, rows)


def letters_table(engine: Engine, chosen: Mapping[str, str], _now: datetime) -> Table:
    """The cases whose message has failed: they are told by letter."""
    campaign = chosen["campaign"]
    rows = each_recipient(engine, campaign, ("failed",))
    cases = ((row.case_id,) for row in rows if row.case_id)
    return Table(f"kampany-{campaign}-levelben", ["case_id"], cases)


def exclusions_table(engine: Engine, chosen: Mapping[str, str], _now: datetime) -> Table:
    campaign = chosen["campaign"]
    rows = (
        (each.source_row, each.case_id, word("reason", each.reason))
        for each in each_exclusion(engine, campaign)
    )
    return Table(f"kampany-{campaign}-kizartak", [_("Row"), _("Case"), _("Reason")], rows)


def why(reason: str | None, code: int | None) -> str:
    """Why a message did not go out, in words."""
    if reason is not None:
        return word("reason", reason)
    return "" if code is None else _("the carrier's error %(code)s", code=code)


def _recipient(row: Recipient) -> tuple[int | str | None, ...]:
    return (
        row.source_row,
        row.case_id,
        row.phone,
        word("message state", row.state),
        why(row.reason, row.code),
        "" if row.at is None else f"{in_budapest(row.at):%Y-%m-%d %H:%M:%S}",
    )
