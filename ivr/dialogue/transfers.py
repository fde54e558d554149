"""Transfers to a person: what is said first, and what is offered while nobody answers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ivr.dialogue.fields import Choice
from ivr.dialogue.navigation import (
    BackError,
    CallEndedError,
    HandOverError,
    JumpError,
    NavigationError,
)
from menus.slots import Text

if TYPE_CHECKING:
    from ivr.dialogue.call import Call
    from ivr.dialogue.line import MenuQuestion
    from menus.tree import Node, Transfer


async def reach_a_person(call: Call, node: Transfer) -> Node:
    """Tell the statements, connect if the desk answers, and else offer what helps at any hour.

    Returns the node to go on with.
    """
    tree = call.setting.tree
    told = tuple(map(Text, node.statements))
    failed = await call.transfer(node.desk, node.say, reason=node.id, told=told, closed=node.closed)
    back = tree.parent(node) or tree.root
    return await offer_instead(call, failed, call.setting.offers[node.id], back)


async def offer_instead(
    call: Call, failed: Sequence[Text], offers: MenuQuestion, back: Node
) -> Node:
    """Say that nobody is reached, and offer what helps now; return what was chosen, or ``back``.

    Silence leads back, too: there the line asks anew.
    """
    try:
        return await _ask(call, failed, offers) or back
    except BackError:
        return back


async def last_resort(call: Call, handover: HandOverError) -> Node:
    """Hand over to a person when the keypad leads no further.

    Returns what the caller chose instead while nobody answers. Ends the call with
    ``CallEndedError`` after a talk, and with a farewell when nothing is chosen.
    """
    chosen = None
    try:
        failed = await call.transfer(
            call.setting.tree.operator,
            handover.say,
            reason=handover.reason,
            closed=handover.say_closed,
            stay="transfer.stay_last",
        )
        chosen = await _choose(call, failed)
    except CallEndedError:
        raise
    except NavigationError:
        # Whatever is wished for now, the line has tried everything that it can do.
        call.forget_speech()
        call.say("transfer.unreachable", hours=call.setting.hours[call.setting.tree.operator])
    if chosen is not None:
        return chosen
    call.say("goodbye")
    call.at("end", handover.reason)
    raise CallEndedError


async def _choose(call: Call, failed: Sequence[Text]) -> Node | None:
    """What the caller chose of that which helps at any hour; None for nothing."""
    tree = call.setting.tree
    try:
        return await _ask(call, failed, call.setting.operator_offers)
    except BackError:
        return tree.root
    except JumpError as jump:
        return tree.node(jump.node)


async def _ask(call: Call, failed: Sequence[Text], offers: MenuQuestion) -> Node | None:
    """Say that nobody is reached, and ask which of the offers it is to be; None for silence."""
    if not offers.options:
        call.say_all(failed)
        return None
    keys = Choice("".join(offers.options))
    question = (*failed, *offers.sentences)
    chosen = await call.ask_or_silence(question, keys, patience=offers.patience)
    return None if chosen is None else offers.options[chosen]
