"""Going on with what a dropped call left undone; nothing of it is told before identification."""

from __future__ import annotations

from backend.interface.queries import FindUnfinished
from ivr.dialogue.call import NO, YES, Call
from ivr.dialogue.fields import Choice
from ivr.dialogue.line import text
from ivr.dialogue.navigation import JumpError
from ivr.forms.identify import identify
from menus.slots import Key, Text


async def resume(call: Call) -> None:
    """Identify the caller, tell what was left undone for this site, and go there if wished.

    Who goes on does not type again what they have just proven to be theirs.
    """
    call.leave_form()  # There is nothing to record here, and so nothing that could be lost.
    call.typed.clear()
    site = await identify(call)
    left_undone = await call.look_up(FindUnfinished(site.site_id, call.service))
    if left_undone is None or left_undone not in call.setting.tree:
        return call.say("resume.nothing")
    question = (
        Text("resume.found"),
        text(f"options.{left_undone}", key=Key(YES)),
        Text("resume.menu"),
    )
    if await call.ask_all(question, Choice(YES + NO)) == NO:
        call.keeps_note = False
        raise JumpError(call.setting.tree.root.id)
    call.recalled = dict(call.typed)
    raise JumpError(left_undone)
