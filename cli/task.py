"""``zoldszam task``: the work list of staff."""

from collections.abc import Sequence
from datetime import UTC, datetime

import click

from backend.interface.codes import TaskOutcome
from backend.records.work_list.task_list import Task, TaskMessage, list_tasks
from backend.records.work_list.task_outcomes import finish_task, show_task
from cli.support.common import by_option, clock, counted
from cli.support.database import database_option, reading, writing
from common.phone_numbers import masked_phone
from common.printable import printable

_number = click.argument("number", type=click.IntRange(1))


@click.group("task")
def task_group() -> None:
    """See and finish what waits for a colleague: numbers to check, replies to read."""


@task_group.command("list")
@click.option("--all", "with_finished", is_flag=True, help="The finished ones as well.")
@database_option
def list_command(with_finished: bool, database: str) -> None:
    """List the open tasks, the oldest first. Numbers are masked."""
    with reading(database) as connection:
        found = list_tasks(connection, all=with_finished)
    if not found:
        click.echo("Nothing waits.")
        return
    layout = "{:>6}  {:<22}  {:<16}  {:<16}  {}"
    click.echo(layout.format("number", "kind", "opened", "phone", "outcome").rstrip())
    for task in found:
        phone = printable(masked_phone(task.phone))
        waiting = counted(task.messages, "message") if task.messages > 1 else ""
        line = (task.number, task.kind, clock(task.opened_at), phone, task.outcome or waiting)
        click.echo(layout.format(*line).rstrip())


@task_group.command("show")
@_number
@by_option
@database_option
def show_command(number: int, by: str, database: str) -> None:
    """Show a task with its number and reply in full; that it was looked at is recorded."""
    with writing(database) as connection:
        task, messages = show_task(connection, number, by, datetime.now(UTC))
    for name, value in _shown(task, messages):
        click.echo(f"{name:<9} {value}")


@task_group.command("done")
@_number
@by_option
@click.option(
    "--outcome",
    type=click.Choice(tuple(map(str, TaskOutcome))),
    default="done",
    show_default=True,
    help="deleted takes the number out of the records, released lifts its stop.",
)
@database_option
def done_command(number: int, by: str, outcome: str, database: str) -> None:
    """Finish a task."""
    with writing(database) as connection:
        finish_task(connection, number, by, TaskOutcome(outcome), datetime.now(UTC))
    click.echo(f"Task {number} is finished: {outcome}.")


def _shown(task: Task, messages: Sequence[TaskMessage]) -> list[tuple[str, str]]:
    finished = task.done_at and f"{clock(task.done_at)} by {task.done_by}: {task.outcome}"
    lines = [
        ("task", f"{task.number}, {task.kind}"),
        ("opened", clock(task.opened_at)),
        ("site", task.subject),
        ("phone", printable(task.phone)),
        *(("reply", _reply(task, message, alone=len(messages) == 1)) for message in messages),
        ("case", task.case_id),
        ("message", task.message_state),
        ("finished", finished),
    ]
    return [(name, value) for name, value in lines if value]


def _reply(task: Task, message: TaskMessage, *, alone: bool) -> str:
    """One message on one line; a stranger's words move no cursor and forge no line."""
    said = printable(message.body)
    if message.pictures:
        pictures = "with" if said else "no words, but"
        said = f"{said} ({pictures} {counted(message.pictures, 'picture')}".strip()
        said += f"; at the carrier: {printable(message.message_sid)})"
    sender = "" if message.phone == task.phone else printable(message.phone)
    when = "" if alone else clock(message.received_at)
    return "  ".join(part for part in (when, sender, said) if part)
