"""The menu: a coroutine that walks the tree, from the opening words to the end of the call."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

from backend.queries import FindCaller, OfferText, SendText
from ivr.dialogue.call import Call
from ivr.dialogue.fields import Choice
from ivr.dialogue.navigation import (
    BackError,
    CallEndedError,
    HandOverError,
    JumpError,
    NavigationError,
    TooManyFaultsError,
)
from ivr.dialogue.notices import tell_notices
from menus.slots import Digits, Path, Text
from menus.tree import TEXT_KEY, Form, Goto, Hangup, Info, Menu, Node, Transfer

FormCode = Callable[[Call], Awaitable[None]]

RESUME = Form("resume", "", "resume")
"""The form that goes on with what a dropped call left undone; no tree offers it."""


async def conduct(call: Call, forms: Mapping[str, FormCode]) -> None:
    """Lead a call through the tree until it ends. Returns when there is nothing more to say."""
    tree = call.setting.tree
    await _open(call, forms)
    node: Node = tree.root
    try:
        while True:
            call.node_path = node.path
            if node.path and not call.recalled:
                # The caller has gone elsewhere than to what was left undone.
                call.keeps_note = False
            try:
                node = await _visit(call, node, forms)
            except BackError:
                call.say_receipts_again()
                _say_what_is_lost(call)
                node = tree.parent(node) or tree.root
            except JumpError as jump:
                call.say_receipts_again()
                _say_what_is_lost(call)
                node = _landed(call, tree.node(jump.node))
    except CallEndedError:
        return
    except HandOverError as handover:
        await _last_resort(call, handover)
    except TooManyFaultsError as fault:
        faults = HandOverError("faults.transfer", "faults.closed", f"too_many_{fault.kind}")
        await _last_resort(call, faults)


async def _open(call: Call, forms: Mapping[str, FormCode]) -> None:
    """Say the opening words, in the language and at the pace that this number chose last."""
    tree = call.setting.tree
    known = await call.look_up(FindCaller(call.service))
    if known.language in tree.languages:
        call.language = known.language
    # Who hears slow speech may want the usual one back.
    call.slow = call.offers_pace = known.slow
    call.offers_resume = call.keeps_note = known.broken_off and RESUME.form in forms
    for prompt in tree.opening:
        call.say(prompt, **_opening_slots(call, prompt))
    if tree.service == "electricity":
        await tell_notices(call, known.notices)


def _opening_slots(call: Call, prompt: str) -> dict[str, Digits]:
    # The call's id must be told at its start (Consumer Protection Act 17/B; rule C.1).
    return {"reference": Digits(call.began.reference)} if prompt == "opening.recording" else {}


def _say_what_is_lost(call: Call) -> None:
    """Tell who leaves a transaction half-way that nothing of it was recorded."""
    if call.leaves_unrecorded:
        call.say("form.nothing_recorded")
    call.leave_form()


def _landed(call: Call, node: Node) -> Node:
    """Say where a dialled path leads, so that a caller who mistyped it knows at once."""
    if node.path:
        call.say("path.landed", path=Path(node.path))
    return node


async def _visit(call: Call, node: Node, forms: Mapping[str, FormCode]) -> Node:
    """Do what a node is for and return the node to go on with."""
    tree = call.setting.tree
    match node:
        case Menu():
            return await _choose(call, node)
        case Form():
            call.enter_form()
            try:
                await forms[node.form](call)
            finally:
                if node is not RESUME:
                    call.recalled = {}
                    call.keeps_note = False
            call.leave_form()
            call.keeps_note = False
            return await _anything_else(call)
        case Info():
            return await _inform(call, node)
        case Goto():
            return tree.target(node)
        case Transfer():
            await call.transfer(node.desk, node.say, reason=node.id)
            return tree.parent(node) or tree.root
        case Hangup():
            call.say(node.say)
            call.at("end hangup")
            raise CallEndedError


async def _choose(call: Call, menu: Menu) -> Node:
    question = call.setting.questions[menu.id]
    # Offered at the first menu, once: there the way back leads to where the last call broke off.
    resumes = call.offers_resume
    call.offers_resume = False
    if menu is call.setting.tree.root:
        _offer_other_language(call)
        if resumes:
            call.say("resume.offer")
    try:
        key = await call.ask_all(
            question.sentences,
            Choice("".join(question.options)),
            step="menu",
            patience=question.patience,
        )
    except BackError:
        if resumes:
            return RESUME
        raise
    return question.options[key]


def _offer_other_language(call: Call) -> None:
    if len(call.setting.tree.languages) > 1:
        call.say_in_other_language("opening.language")


async def _inform(call: Call, info: Info) -> Node:
    """Tell the statements; the hash key tells them again, 9 goes back, 0 asks for a person.

    What is worth writing down is sent to the telephone that calls, if it can be, by one key more.
    """
    statements = tuple(map(Text, info.statements))
    text = call.setting.texts.get((info.id, call.language))
    if text is None or not await call.look_up(OfferText()):
        await call.ask_all((*statements, Text("navigation.info")), Choice("1"))
        return call.setting.tree.root
    question = (*statements, Text("text_message.offer"), Text("navigation.info"))
    if await call.ask_all(question, Choice(f"1{TEXT_KEY}")) == TEXT_KEY:
        # The language may have been changed meanwhile.
        text = call.setting.texts.get((info.id, call.language), text)
        is_sent = await call.look_up(SendText(text))
        call.say("text_message.sent" if is_sent else "text_message.not_sent")
        await call.ask("navigation.told", Choice("1"))
    return call.setting.tree.root


async def _anything_else(call: Call) -> Node:
    """After a form: the main menu or the end. Silence here is a caller who has hung up or is done.

    Receipts were said just before, are said again by the hash key, and once more to who goes on:
    the key may have cut them short.
    """
    if await call.ask_or_silence("form.after", Choice("1"), must_be_heard=True) is None:
        call.say("goodbye")
        call.at("end done")
        raise CallEndedError
    call.say_receipts_again()
    return call.setting.tree.root


async def _last_resort(call: Call, handover: HandOverError) -> None:
    """Hand over to a person, or end politely with the hours; nothing can follow this."""
    operator = call.setting.tree.operator
    _say_what_is_lost(call)
    try:
        await call.transfer(
            operator,
            handover.say,
            reason=handover.reason,
            closed=handover.say_closed,
            stay="transfer.stay_last",
        )
    except CallEndedError:
        return
    except NavigationError:
        # Whatever is wished for now, the line has tried everything that it can do.
        call.forget_speech()
        call.say("transfer.unreachable", hours=call.setting.hours[operator])
    call.say("goodbye")
    call.at(f"end {handover.reason}")
