"""``zoldszam campaign``: reminders to many people, from the draft to the last receipt."""

import click

from cli.support.lazy_group import Lazy, LazyGroup

COMMANDS = {
    "approve": Lazy(
        "cli.campaign.steps", "approve_command", "Approve a draft that somebody else has written."
    ),
    "cancel": Lazy("cli.campaign.steps", "cancel_command", "End a campaign for good."),
    "create": Lazy("cli.campaign.create", "create_command", "Store a draft with its recipients."),
    "exclusions": Lazy(
        "cli.campaign.lists",
        "exclusions_command",
        "List the rows that get no message as CSV: line, case_id, reason.",
    ),
    "list": Lazy("cli.campaign.lists", "list_command", "List the campaigns, the newest first."),
    "pause": Lazy(
        "cli.campaign.steps",
        "pause_command",
        "Hold back what is not on its way yet, within one batch (about two seconds).",
    ),
    "rehearse": Lazy(
        "cli.campaign.steps",
        "rehearse_command",
        "Send the text to phones of staff, on the path that the customers' messages take.",
    ),
    "resume": Lazy("cli.campaign.steps", "resume_command", "Go on with a paused campaign."),
    "start": Lazy(
        "cli.campaign.steps",
        "start_command",
        "Let an approved campaign go out; starting twice is harmless.",
    ),
    "status": Lazy(
        "cli.campaign.status",
        "status_command",
        "Tell what has become of every recipient; the states add up to the recipients.",
    ),
}


@click.group("campaign", cls=LazyGroup, lazy=COMMANDS)
def campaign_group() -> None:
    """Send reminders: draft, approve, start, watch.

    \b
    zoldszam campaign create --name N --template debt_contact_1 --recipients FILE --by anna
    zoldszam campaign rehearse ID --by anna        to colleagues' phones, when wanted
    zoldszam campaign approve ID --by bela         somebody else's yes
    zoldszam campaign start ID --by anna
    zoldszam worker                                the process that sends
    zoldszam campaign status ID

    A message holds nothing personal and no word of the debt. Nobody gets one twice.
    """
