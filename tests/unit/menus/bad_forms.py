"""Forms with one fault each, which only a walk through them shows."""

from ivr.dialogue.call import Call
from ivr.dialogue.fields import Choice
from ivr.dialogue.navigation import JumpError, TooManyFaultsError


async def fails(call: Call) -> None:
    """Has no answer to a key that it offers."""
    answers = {"1": "goodbye"}
    call.say(answers[await call.ask("form.after", Choice("12"))])


async def mumbles(call: Call) -> None:
    """Forgets to fill a sentence's slot."""
    call.say("receipt.number")
    await call.ask("form.after", Choice("1"))


async def traps(call: Call) -> None:
    """Listens to every key and obeys none."""
    call.at("ask nothing")
    while True:
        await call.listen(1, "", 6)


async def never_gives_up(call: Call) -> None:
    """Asks a caller who keeps silent again and again."""
    while True:
        try:
            await call.ask("form.after", Choice("1"))
        except TooManyFaultsError:
            continue
        return


async def goes_elsewhere(call: Call) -> None:
    """Leads to another node before it has said a word."""
    raise JumpError("main")


BAD_FORMS = {
    form.__name__: form for form in (fails, mumbles, traps, never_gives_up, goes_elsewhere)
}
