"""Campaigns: the list, and one campaign's page through its states."""

from datetime import timedelta

from sqlalchemy import insert, select, update

from backend.db.tables.messages import campaigns, outbox, users
from backend.db.tables.staff import drafts
from backend.db.transactions import read, write
from backend.interface.codes import MessageKind
from messages.campaigns.desk_contact import desk_facts
from messages.campaigns.planning.drafting import Draft
from messages.campaigns.template_library import find_template
from tests.console.support import ConsoleUnderTest
from tests.support.databases.recipients import campaign_row, mobile
from tests.support.databases.records import DESKS


def add_campaign(
    console: ConsoleUnderTest, people: int = 3, state: str = "draft", by: str = "sender"
) -> str:
    """A campaign with so many queued recipients; its id."""
    with write(console.engine) as connection:
        template = find_template(connection, "debt_contact_1", now=console.now)
        text = Draft("x", template, desk_facts(DESKS, MessageKind.DEBT)).message()
        row = campaign_row(
            "debt",
            campaign_id="BKQ7KXYZ",
            name="Novemberi értesítő <b>",
            template=template.name,
            template_version=template.version,
            message=text,
            segments=1,
            source="lista.csv",
            source_rows=people,
            recipients=people,
            created_at=console.now,
            created_by=by,
            state=state,
        )
        connection.execute(insert(campaigns), row)
        for each in range(people):
            values = {
                "campaign_id": row["campaign_id"],
                "line": each + 2,
                "case_id": f"D{each}",
                "phone": mobile(each),
            }
            connection.execute(insert(outbox), values)
    return str(row["campaign_id"])


def test_an_empty_list_says_what_comes_next_and_a_filter_without_hits_says_so(
    console: ConsoleUnderTest,
) -> None:
    empty = console.visit("viewer", "/campaigns")
    assert empty.status == 200
    assert "Még nincs kampány" in empty.text
    add_campaign(console)
    assert "Novemberi értesítő &lt;b&gt;" in console.visit("viewer", "/campaigns").text
    assert (
        "Nincs a szűrésnek megfelelő kampány."
        in console.visit("viewer", "/campaigns?state=done").text
    )


def test_a_campaign_goes_from_approval_to_its_report_on_one_page(console: ConsoleUnderTest) -> None:
    path = f"/campaigns/{add_campaign(console)}"
    assert "Jóváhagyás</button>" not in console.visit("sender", path).text
    assert "Jóváhagyás</button>" in console.visit("approver", path).text
    assert console.submit("approver", f"{path}/approve", {}).status == 303
    assert "Küldés 3 címzettnek" in console.visit("sender", path).text
    assert console.submit("sender", f"{path}/start", {}).status == 303
    running = console.visit("sender", path)
    assert "küldés folyamatban" in running.text
    assert "Szüneteltetés" in running.text
    assert 'hx-trigger="every 3s"' in running.text
    assert "Most fut" in console.visit("viewer", "/campaigns").text
    assert console.submit("sender", f"{path}/pause", {}).status == 303
    paused = console.visit("sender", path).text
    assert "Folytatás: 3 címzett van hátra" in paused
    assert "Szüneteltette: sender." in paused
    assert console.submit("approver", f"{path}/resume", {}).status == 303
    page = console.visit("sender", f"{path}/cancel").text
    assert "3 címzett nem kapja meg az üzenetet." in page
    assert console.submit("sender", f"{path}/cancel", {}).status == 303
    ended = console.visit("viewer", path).text
    assert "leállítva" in ended
    assert 'hx-trigger="every 3s"' not in ended
    for who in ("sender: elindította", "approver: jóváhagyta", "sender: leállította"):
        assert who in ended


def test_a_step_that_a_colleague_has_overtaken_says_how_things_stand(
    console: ConsoleUnderTest,
) -> None:
    path = f"/campaigns/{add_campaign(console, state='done')}"
    refused = console.submit("sender", f"{path}/pause", {})
    assert refused.status == 409
    assert "Időközben megváltozott az állapot: befejeződött." in refused.text


def test_nobody_approves_their_own_campaign_by_a_forged_form(console: ConsoleUnderTest) -> None:
    path = f"/campaigns/{add_campaign(console, by='approver')}"
    assert console.submit("approver", f"{path}/approve", {}).status == 409


def test_a_campaign_that_goes_back_leaves_its_author_a_draft_with_the_reason(
    console: ConsoleUnderTest,
) -> None:
    path = f"/campaigns/{add_campaign(console)}"
    refused = console.submit("approver", f"{path}/return", {"reason": ""})
    assert refused.status == 422
    numbered = console.submit("approver", f"{path}/return", {"reason": "hívja: 06 30 123 4567"})
    assert numbered.status == 422
    assert "06 30 123 4567" in numbered.text
    kept = console.submit("approver", f"{path}/return", {"reason": "A név félreérthető."})
    assert kept.status == 303
    assert "A név félreérthető." in console.visit("sender", path).text
    with read(console.engine) as connection:
        draft = connection.execute(drafts.select()).one()
    assert draft.by == "sender"
    assert draft.data["former"] == "BKQ7KXYZ"
    assert draft.data["reason"] == "A név félreérthető."


def test_a_campaign_of_another_system_that_goes_back_leaves_no_draft(
    console: ConsoleUnderTest,
) -> None:
    path = f"/campaigns/{add_campaign(console, by='api:erp')}"
    assert "nem lesz belőle piszkozat" in console.visit("approver", f"{path}/return").text
    kept = console.submit("approver", f"{path}/return", {"reason": "A név félreérthető."})
    assert kept.status == 303
    assert "Másik rendszer készítette (api:erp)" in console.visit("approver", path).text
    with read(console.engine) as connection:
        assert connection.execute(drafts.select()).all() == []


def test_outside_the_contact_hours_the_button_names_the_time_and_schedules(
    console: ConsoleUnderTest,
) -> None:
    path = f"/campaigns/{add_campaign(console, state='approved')}"
    console.now = console.now.replace(hour=19, minute=30)
    shown = console.visit("sender", path).text
    assert "Ütemezés: 2026. 11. 25. 8:00" in shown
    assert console.submit("sender", f"{path}/start", {}).status == 409
    for nonsense in ("tomorrow", "9999-12-31T23:59:59-12:00"):
        assert console.submit("sender", f"{path}/start", {"begins": nonsense}).status == 400
    begins = {"begins": "2026-11-25T07:00:00+00:00"}
    assert console.submit("sender", f"{path}/start", begins).status == 303
    assert "ütemezve" in console.visit("sender", path).text


def test_recipients_are_filtered_masked_and_exported_as_they_are_shown(
    console: ConsoleUnderTest,
) -> None:
    path = f"/campaigns/{add_campaign(console, 60, 'running')}"
    with write(console.engine) as connection:
        failed = update(outbox).where(outbox.c.case_id.in_(["D1", "D2"]))
        connection.execute(failed.values(state="failed", code=30005))
    first = console.visit("viewer", path)
    assert first.text.count('class="tel"') == 50
    assert "after=50" in first.text
    assert console.visit("viewer", f"{path}?after=50").text.count('class="tel"') == 10
    assert console.visit("sender", f"{path}?state=failed").text.count('class="tel"') == 2
    file = console.submit("sender", f"{path}/recipients.csv?state=failed", {})
    assert len(file.text.strip().splitlines()) == 3
    assert "kampany-BKQ7KXYZ-sikertelen-2026-11-24.csv" in file.headers["Content-Disposition"]
    for answer in (first, file):
        assert mobile(1) not in answer.text
    letters = console.submit("sender", f"{path}/letters.csv", {}).text.split()
    assert letters[1:] == ["D1", "D2"]


def test_figures_that_have_not_changed_are_not_sent_and_a_new_state_reloads_the_page(
    console: ConsoleUnderTest,
) -> None:
    path = f"/campaigns/{add_campaign(console, state='running')}"
    page = console.visit("sender", path).text
    of_the_campaign = page.split('hx-get="/campaigns/')[1].split('"')[0]
    asked = "/campaigns/" + of_the_campaign.replace("&amp;", "&")
    client = console.client("sender")
    assert client.get(asked, base_url="https://localhost").status_code == 204
    with write(console.engine) as connection:
        connection.execute(update(campaigns).values(state="paused"))
    # Polls look a campaign up once in two seconds.
    console.now += timedelta(seconds=3)
    answer = client.get(asked, base_url="https://localhost")
    assert answer.headers["HX-Refresh"] == "true"


def test_a_rehearsal_that_was_refused_is_made_by_the_next_press(console: ConsoleUnderTest) -> None:
    campaign_id = add_campaign(console)
    form = {"form_key": "k" * 32}
    assert console.submit("sender", f"/campaigns/{campaign_id}/rehearse", form).status == 409
    with write(console.engine) as connection:
        connection.execute(users.update().values(phone="+36301234567"))
    for _press in range(2):
        answer = console.submit("sender", f"/campaigns/{campaign_id}/rehearse", form)
        assert answer.location == f"/campaigns/{campaign_id}"
    with read(console.engine) as connection:
        rehearsed = campaigns.c.rehearsal_of == campaign_id
        assert len(connection.execute(select(campaigns.c.campaign_id).where(rehearsed)).all()) == 1
