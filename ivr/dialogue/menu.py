"""The menu: a coroutine that walks the tree, from the opening words to the end of the call."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

from backend.interface.published_text import PublishedText
from backend.interface.queries import FindCaller, OfferText, SendText
from ivr.dialogue.call import Call
from ivr.dialogue.fields import Choice
from ivr.dialogue.line import OTHER_LANGUAGE, Patience
from ivr.dialogue.navigation import (
    BackError,
    CallEndedError,
    HandOverError,
    JumpError,
    NavigationError,
    OperatorClosedError,
    TooManyFaultsError,
)
from ivr.dialogue.notices import tell_notices
from ivr.dialogue.transfers import last_resort, offer_instead, reach_a_person
from menus.slots import Digits, Path, Text
from menus.tree import TEXT_KEY, Form, Goto, Hangup, Info, Menu, Node, Transfer

FormCode = Callable[[Call], Awaitable[None]]

REST_PATIENCE = Patience(timeout=2, max_noinput=0, max_nomatch=3)
"""A short wait in the middle of a long item, after which it goes on."""

RESUME = Form("resume", "", "resume")
"""The form that goes on with what a dropped call left undone; no tree offers it."""


Onward = tuple[Node, NavigationError | None]
"""Where a call goes on: a node, and a wish that is to be followed from there."""


async def conduct(call: Call, forms: Mapping[str, FormCode]) -> None:
    """Lead a call through the tree until it ends. Returns when there is nothing more to say."""
    await open_call(call, forms)
    onward: Onward | None = (call.setting.tree.root, None)
    while onward is not None:
        onward = await be_at(call, forms, *onward)


async def be_at(
    call: Call, forms: Mapping[str, FormCode], node: Node, wish: NavigationError | None
) -> Onward | None:
    """Do what the node is for, or follow the wish from it; the call goes on with what is returned.

    All that a call knows between two nodes is in ``call`` and in what is returned.
    """
    call.node_path = node.path
    if node.path and not call.recalled:
        # The caller has gone elsewhere than to what was left undone.
        call.keeps_note = False
    try:
        if wish is None:
            return await _visit(call, node, forms), None
        return await _follow(call, node, wish), None
    except CallEndedError:
        return None
    except NavigationError as raised:
        return node, raised


async def _follow(call: Call, node: Node, wish: NavigationError) -> Node:
    """Where to go on from a node that the caller, or what went wrong there, leads away from."""
    tree = call.setting.tree
    match wish:
        case BackError():
            call.say_receipts_again()
            _say_what_is_lost(call)
            return tree.parent(node) or tree.root
        case JumpError(node=target):
            call.say_receipts_again()
            _say_what_is_lost(call)
            return _landed(call, tree.node(target))
        case OperatorClosedError(closed=closed):
            call.say_receipts_again()
            back = node if isinstance(node, Menu | Info) else tree.parent(node) or tree.root
            return await offer_instead(call, closed, call.setting.operator_offers, back)
        case HandOverError():
            _say_what_is_lost(call)
            return await last_resort(call, wish)
        case TooManyFaultsError(kind=kind):
            _say_what_is_lost(call)
            faults = HandOverError("faults.transfer", "faults.closed", f"too_many_{kind}")
            return await last_resort(call, faults)
    raise wish


async def open_call(call: Call, forms: Mapping[str, FormCode]) -> None:
    """Say the opening words, in the language and at the pace that this number chose last."""
    tree = call.setting.tree
    known = await call.look_up(FindCaller(call.service))
    if known.language in tree.languages:
        call.language = known.language
    # Who hears slow speech may want the usual one back.
    call.slow = call.offers_pace = known.slow
    call.offers_resume = call.keeps_note = known.broken_off and RESUME.form in forms
    for prompt in tree.opening:
        call.say_first(prompt, **_opening_slots(call, prompt))
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
            return await reach_a_person(call, node)
        case Hangup():
            call.say(node.say)
            call.at("end", "hangup")
            raise CallEndedError


async def _choose(call: Call, menu: Menu) -> Node:
    question = call.setting.questions[menu.id]
    # Offered at the first menu, once: there the way back leads to where the last call broke off.
    resumes = call.offers_resume
    call.offers_resume = False
    sentences = question.sentences
    if call.offers_language:
        # Once a call, and behind the first option, which the law wants heard at once.
        call.offers_language = False
        first = 1 if menu.say is None else 2
        sentences = (*sentences[:first], Text(OTHER_LANGUAGE), *sentences[first:])
    if resumes:
        call.say("resume.offer")
    try:
        key = await call.ask_all(
            sentences,
            Choice("".join(question.options)),
            step="menu",
            patience=question.patience,
        )
    except BackError:
        if resumes:
            return RESUME
        raise
    return question.options[key]


async def _inform(call: Call, info: Info) -> Node:
    """Tell the statements; the hash key tells them again, 9 goes back, 0 asks for a person.

    What is worth writing down is sent to the telephone that calls, if it can be, by one key more,
    which works at the rests of a long item, too.
    """
    if await _tell(call, info) == TEXT_KEY:
        is_sent = await call.look_up(SendText(_text_of(call, info)))
        call.say("text_message.sent" if is_sent else "text_message.not_sent")
        await call.ask("navigation.told", Choice("1"))
    return call.setting.tree.root


async def _tell(call: Call, info: Info) -> str:
    """Tell an item and return the key that was chosen.

    A long item rests between its stretches: silence goes on, and 9 leaves it. The hash key tells
    the stretch again.
    """
    has_text = (info.id, call.language) in call.setting.texts
    offered = has_text and await call.look_up(OfferText())
    keys = Choice(f"1{TEXT_KEY}" if offered else "1")
    *stretches, last = info.stretches()
    # The number is what tells one rest from the next where sentences are left out, in the walk.
    for _number, stretch in enumerate(stretches):
        rest = (*map(Text, stretch), Text("navigation.rest"))
        chosen = await call.ask_or_silence(rest, keys, patience=REST_PATIENCE)
        if chosen is not None:
            return chosen
    offer = (Text("text_message.offer"),) if offered else ()
    return await call.ask_all((*map(Text, last), *offer, Text("navigation.info")), keys)


def _text_of(call: Call, info: Info) -> PublishedText:
    """The item in writing, in the language that the caller hears by now, else in any."""
    texts = call.setting.texts
    languages = (call.language, *call.setting.tree.languages)
    return next(texts[info.id, language] for language in languages if (info.id, language) in texts)


async def _anything_else(call: Call) -> Node:
    """After a form: the main menu or the end. Silence here is a caller who has hung up or is done.

    Receipts were said just before, are said again by the hash key, and once more to who goes on:
    the key may have cut them short.
    """
    question = (Text("form.after"),)
    if await call.ask_or_silence(question, Choice("1"), must_be_heard=True) is None:
        call.say("goodbye")
        call.at("end", "done")
        raise CallEndedError
    call.say_receipts_again()
    return call.setting.tree.root
