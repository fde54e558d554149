"""What staff see and cannot change of texts that callers ask for, and when these are forgotten."""

import json
from datetime import timedelta
from random import Random

import pytest
from sqlalchemy import func, insert, select

from backend.context import IdentificationLimits
from backend.db.tables.messages import campaigns, outbox
from backend.db.transactions import read, write
from backend.interface.codes import MessageKind
from backend.interface.published_text import PublishedText
from backend.retention.job import run as run_retention
from backend.staff.administration import add_user
from backend.staff.authentication.passwords import new_password
from common.errors import CampaignError, TemplateRefusedError, UserError
from messages.campaigns.lifecycle import Actor
from messages.campaigns.planning.rehearsals import rehearse
from messages.campaigns.template_saving import save_template
from tests.support.carriers.asked_texts import (
    ACCOUNT,
    CALLER,
    PHONES,
    ask,
    asked_for,
    work,
    zoldszam,
)
from tests.support.carriers.sending_desk import SendingDesk
from tests.support.databases.recipients import mobile


def test_staff_see_single_texts_only_when_they_ask_for_them(desk: SendingDesk) -> None:
    reminder = desk.draft(desk.debtors(1))
    assert ask(desk)
    work(desk)
    (campaign_id,) = asked_for(desk)
    usual = zoldszam(desk, "campaign", "list")
    assert reminder in usual
    assert campaign_id not in usual
    everything = zoldszam(desk, "campaign", "list", "--all")
    assert reminder in everything
    assert f"{campaign_id}  done" in everything
    told = json.loads(zoldszam(desk, "campaign", "status", campaign_id, "--json"))
    assert (told["accepted"], told["recipients"], told["created_by"]) == (1, 1, "call")
    assert CALLER not in zoldszam(desk, "campaign", "status", campaign_id)
    shown = zoldszam(desk, "template", "show", ACCOUNT.name)
    assert "lines     13700016-02287016, +36 80 202 938, eloszto@elmu.hu, 1300\n" in shown


def test_a_single_text_is_nothing_to_rehearse(desk: SendingDesk) -> None:
    assert ask(desk)
    (campaign_id,) = asked_for(desk)
    step = Actor("anna", desk.clock())
    with (
        write(desk.database.engine) as connection,
        pytest.raises(CampaignError, match="nothing to rehearse"),
    ):
        rehearse(connection, campaign_id, [mobile(1)], step, desk.context.rng)


def test_staff_can_neither_allow_figures_nor_change_what_callers_get(desk: SendingDesk) -> None:
    assert ask(desk)

    def save(name: str, text: str, *lines: str) -> None:
        facts = desk.context.facts(MessageKind.SERVICE)
        with write(desk.database.engine) as connection:
            save_template(
                connection, name, MessageKind.SERVICE, text, lines, "anna", desk.clock(), facts
            )

    before = desk.snapshot()
    with pytest.raises(TemplateRefusedError, match="A line cannot be named"):
        save("own", "Szamla: 13700016-02287016", "13700016-02287016")
    with pytest.raises(TemplateRefusedError, match="what callers get"):
        save(ACCOUNT.name, "Szép napot!")
    assert desk.snapshot() == before


def test_a_text_is_not_kept_under_the_name_of_a_template_of_staff(
    desk: SendingDesk, caplog: pytest.LogCaptureFixture
) -> None:
    before = desk.snapshot()
    assert not ask(desk, PublishedText("opt_out_ack", PHONES.text, PHONES.figures))
    assert not ask(desk, PublishedText("debt_contact_1", PHONES.text, PHONES.figures))
    assert not ask(desk, PublishedText("No Name", PHONES.text, PHONES.figures))
    assert desk.snapshot() == before
    assert caplog.text.count("its name") == 3


@pytest.mark.parametrize("name", ["call", "Call", "sms", "worker"])
def test_nobody_can_be_called_as_the_service_itself_and_send_at_any_hour(
    desk: SendingDesk, name: str
) -> None:
    with (
        write(desk.database.engine) as connection,
        pytest.raises(UserError, match="what the service is called"),
    ):
        add_user(connection, name, "sender", None, desk.clock(), new_password(Random()))  # noqa: S311


def test_texts_and_their_numbers_are_forgotten_after_a_month(desk: SendingDesk) -> None:
    reminder = desk.run(desk.debtors(1))
    desk.send(reminder)
    assert ask(desk)
    work(desk)
    desk.wait(timedelta(days=1).total_seconds())
    assert ask(desk)
    work(desk)
    first, second = asked_for(desk)
    limits = IdentificationLimits()
    month = desk.clock() + timedelta(days=29, seconds=1)
    assert run_retention(desk.database.engine, month - timedelta(days=1), limits).texts == 0
    assert run_retention(desk.database.engine, month, limits).texts == 1
    assert asked_for(desk) == [second]
    assert desk.rows(first) == []
    assert desk.states(reminder) == {"accepted": 1}
    assert "texts to callers deleted: 0" in zoldszam(desk, "retention", "run")


def test_more_texts_than_fit_one_transaction_are_all_forgotten(desk: SendingDesk) -> None:
    assert ask(desk)
    with write(desk.database.engine) as connection:
        row = connection.execute(select(campaigns)).one()._asdict()
        ids = [f"OLD{number:05}" for number in range(1001)]
        rows = [row | {"campaign_id": each, "state": "done"} for each in ids]
        connection.execute(insert(campaigns), rows)
        messages = [{"campaign_id": each, "line": 1, "phone": CALLER} for each in ids]
        connection.execute(insert(outbox), messages)
    later = desk.clock() + timedelta(days=31)
    assert run_retention(desk.database.engine, later, IdentificationLimits()).texts == 1002
    with read(desk.database.engine) as connection:
        assert connection.scalar(select(func.count()).select_from(outbox)) == 0
