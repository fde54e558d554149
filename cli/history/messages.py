"""The campaigns of the past, what people wrote back, and what colleagues did about it.

Sent, delivered, failed and unsettled rows come about as they do in earnest: by what the simulated
carrier does to these recipients, by receipts, and by asking for what became of the unknown.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

from sqlalchemy import Engine

from backend.db.transactions import read, write
from backend.desks import load_desks
from backend.imports.demo_data import write_rows
from backend.imports.file_formats import DEBTS
from backend.imports.importer import import_directory
from backend.interface.codes import NoticeKind, TaskKind, TaskOutcome
from backend.records.notices.service_notices import add_notice, end_notice
from backend.records.work_list.task_list import list_tasks
from backend.records.work_list.task_outcomes import finish_task, take_task
from cli.history.carrier import PastCarrier, past_carrier
from cli.history.clock import local
from cli.history.people import Person, people
from cli.history.service import PastService
from common.csv_files.writing import write_csv
from common.timezone import local_date
from messages.campaigns import lifecycle
from messages.campaigns.lifecycle import Actor
from messages.campaigns.planning.drafting import create, draft_from
from messages.campaigns.recipients.source import RecipientsFile
from messages.delivery.reconciling import reconcile
from messages.delivery.sending import send_batch
from simulator.messages.faults import CodedFault, Fault, Faults, StatusFault

_AUTHOR, _APPROVER, _ADMIN = "anna", "bela", "ada"
_ROUNDS = 20
"""More than it takes until what cannot be cleared up is left to a person."""
_DELIVERY_CODES = (30005, 30006)
_REMINDED = 102
"""Those of the lower numbers; the others are left for who makes a first campaign of their own."""
_REPLIES = (
    # minutes after the start; who; what they write
    (4, 14, "Téves szám, nem én vagyok a címzett."),
    (7, 28, "STOP"),
    (11, 41, "Tegnap befizettem a csekket, van még teendőm?"),
    (26, 57, "Téves"),
    (38, 63, "Kérem, ne küldjenek több üzenetet."),
    (95, 79, "Részletfizetést szeretnék kérni, kit hívjak?"),
    (212, 94, "Nem én vagyok az, a számot most kaptam."),
)
_LATEST_REPLY = (112, "Ki keres és milyen ügyben?")


@dataclass(frozen=True, slots=True)
class _Desk:
    """The desk of those days: its service, its carrier, and a folder for lists of recipients."""

    service: PastService
    carrier: PastCarrier
    folder: Path

    @property
    def engine(self) -> Engine:
        return self.service.engine

    def by(self, name: str, moment: datetime) -> Actor:
        """A colleague at that moment, to which the clock is set."""
        self.service.clock.now = moment
        return Actor(name, moment)


def make_messages(service: PastService, folder: Path, until: datetime) -> None:
    """Send a campaign to its end some days before ``until``, answer some of the replies.

    Two campaigns are left waiting. The people of ``cli.history.people`` and the colleagues must be
    in the records already.
    """
    day = _working_day(until.date() - timedelta(days=4))
    next_day = _working_day(day + timedelta(days=1), ahead=True)
    service.clock.now = local(day, 9)
    with past_carrier(service) as carrier:
        desk = _Desk(service, carrier, folder)
        _reminder(desk, day)
        for minutes, number, text in _REPLIES:
            _reply(desk, local(day, 9, 36) + timedelta(minutes=minutes), number, text)
        notice = _outage(desk, local(next_day, 6, 52), local(next_day, 13))
        _tasks(desk, local(next_day, 8, 42))
        over = desk.by(_ADMIN, local(next_day, 11, 18))
        with write(desk.engine) as connection:
            end_notice(connection, notice, over.by, over.now)
        _waiting(desk, _working_day(until.date() - timedelta(days=1)))
        _reply(desk, until - timedelta(minutes=47), *_LATEST_REPLY)


def _working_day(day: date, *, ahead: bool = False) -> date:
    while day.weekday() > 4:
        day += timedelta(days=1 if ahead else -1)
    return day


def _reminder(desk: _Desk, day: date) -> None:
    """A reminder in which this and that goes wrong."""
    name = f"Első emlékeztető, {day:%Y. %m. %d.}"
    reminded = [person for person in people()[:_REMINDED] if person.has_debt]
    debtors = _list(desk, "hatralekosok.csv", reminded)
    campaign_id = _create(desk, name, "debt_contact_1", debtors, local(day, 9, 4))
    _approve(desk, campaign_id, local(day, 9, 31))
    _pay(desk, [person for person in people() if person.number in (20, 44, 101)])
    actor = desk.by(_AUTHOR, local(day, 9, 36))
    sending = desk.carrier.sending
    with write(desk.engine) as connection:
        lifecycle.start(connection, campaign_id, actor, sending.policy, sending.calendar)
    desk.carrier.messages.faults = _faults()
    for _ in range(_ROUNDS):
        _send_what_waits(desk, campaign_id)
        # Receipts arrive; then the carrier is asked about what is unknown.
        desk.carrier.wait(sending.policy.reconcile_after.total_seconds() + 60)
        if not reconcile(desk.engine, sending.gateway, sending.policy, desk.service.clock).absent:
            break
    send_batch(sending, campaign_id)
    desk.carrier.messages.faults = Faults()


def _send_what_waits(desk: _Desk, campaign_id: str) -> None:
    batch = 0
    while send_batch(desk.carrier.sending, campaign_id):
        batch += 1
        desk.carrier.messages.faults.fail_delivery.code = _DELIVERY_CODES[batch % 2]


def _faults() -> Faults:
    def some(divisor: int, rest: int) -> tuple[str, ...]:
        return tuple(each.phone for each in people() if each.number % divisor == rest)

    return Faults(
        fail_delivery=CodedFault(code=_DELIVERY_CODES[0], recipients=some(16, 9)),
        stuck_in_sent=Fault(recipients=some(47, 3)),
        # Taken, and nobody is told: the carrier's list tells it later.
        error_after=Fault(recipients=some(1000, 50)),
        # Never taken: after many attempts a person has to find out.
        error_before=StatusFault(recipients=some(1000, 25) + some(1000, 86)),
    )


def _pay(desk: _Desk, debtors: list[Person]) -> None:
    """They pay while the campaign waits for its start: the pre-send check finds it."""
    folder = desk.folder / "paid"
    folder.mkdir(mode=0o700, exist_ok=True)
    rows = [(person.case_id, person.customer_id, person.debt_phone) for person in debtors]
    since = local_date(desk.service.clock()) - timedelta(days=40)
    write_rows(folder, DEBTS, ((*row, "paid", since) for row in rows))
    import_directory(desk.engine, folder)


def _reply(desk: _Desk, moment: datetime, number: int, text: str) -> None:
    desk.service.clock.now = moment
    sender = desk.service.settings.account.sender
    desk.carrier.messages.reply(people()[number].phone, sender, text)
    desk.carrier.wait(30)


def _tasks(desk: _Desk, moment: datetime) -> None:
    """A colleague works on the first of each kind; the others are left for today."""
    outcomes = {
        TaskKind.VERIFY_WRONG_ADDRESSEE: TaskOutcome.DELETED,
        TaskKind.VERIFY_OPT_OUT: TaskOutcome.DONE,
        TaskKind.READ_MESSAGE: TaskOutcome.DONE,
    }
    with read(desk.engine) as connection:
        waiting = list_tasks(connection)
    for kind, outcome in outcomes.items():
        task = next(each for each in waiting if each.kind == kind)
        actor = desk.by(_AUTHOR, moment)
        with write(desk.engine) as connection:
            take_task(connection, task.number, actor.by, actor.now)
        actor = desk.by(_AUTHOR, moment + timedelta(minutes=3))
        with write(desk.engine) as connection:
            finish_task(connection, task.number, actor.by, outcome, actor.now)
        moment += timedelta(minutes=9)


def _outage(desk: _Desk, begins: datetime, ends: datetime) -> int:
    """An outage of a morning; its number."""
    places = ("Mintavárosban", "in Mintaváros")
    actor = desk.by(_ADMIN, begins)
    with write(desk.engine) as connection:
        return add_notice(
            connection, NoticeKind.OUTAGE, "1000", places, begins, ends, actor.by, now=begins
        )


def _waiting(desk: _Desk, day: date) -> None:
    """One that waits for approval, and one that is approved and may be started."""
    readers = [person for person in people() if person.has_debt]
    heat = _list(desk, "leolvasas-tavho.csv", [each for each in readers if each.is_of_heat])
    power = _list(desk, "leolvasas-aram.csv", [each for each in readers if not each.is_of_heat])
    template = "reading_window_open"
    approved = _create(desk, "Mérőállás-bejelentés, távhő", template, heat, local(day, 14, 12))
    _approve(desk, approved, local(day, 14, 40))
    _create(desk, "Mérőállás-bejelentés, áram", template, power, local(day, 15, 5))


def _list(desk: _Desk, name: str, chosen: list[Person]) -> RecipientsFile:
    file = desk.folder / name
    with file.open("w", encoding="utf-8", newline="") as stream:
        write_csv(stream, ["case_id"], [(person.case_id,) for person in chosen])
    return RecipientsFile(file)


def _create(desk: _Desk, name: str, template: str, source: RecipientsFile, moment: datetime) -> str:
    actor = desk.by(_AUTHOR, moment)
    with read(desk.engine) as connection:
        desks = load_desks(desk.service.settings.desks)
        draft = draft_from(connection, desks, name, template, "soft")
    policy = desk.service.settings.sending_policy
    return create(desk.engine, draft, source, policy, actor, desk.service.rng).campaign.campaign_id


def _approve(desk: _Desk, campaign_id: str, moment: datetime) -> None:
    actor = desk.by(_APPROVER, moment)
    with write(desk.engine) as connection:
        lifecycle.approve(connection, campaign_id, actor)
