"""The message page in a real browser: what the customer sees, answers, and what goes wrong."""

from collections.abc import Iterator

import pytest
from flask import Flask, Response, request
from markupsafe import escape
from playwright.sync_api import Page, expect

from simulator import Carrier
from simulator.messages import Delays, Fault, MessageService
from simulator.server import create_simulator
from simulator.threaded_server import running
from tests.browser.pages import WIDE, OpenPage, in_both_widths, played_narrow_too

pytestmark = pytest.mark.browser

ACCOUNT, TOKEN, SENDER = "AC" + "0" * 32, "12345", "+36209383838"
CUSTOMER, OTHER = "+36301234567", "+36209876543"
REMINDER = (
    "Tisztelt Ügyfelünk! Kérjük, hívja a +36 80 202 938-as ingyenes számot! Minta Szolgáltató"
)


@pytest.fixture(scope="module")
def desk() -> Iterator[str]:
    app = Flask("desk")

    @app.post("/sms/inbound")
    def inbound() -> Response:
        answer = (
            f"<Response><Message>Rögzítettük: {escape(request.form['Body'])}</Message></Response>"
        )
        return Response(answer, content_type="text/xml")

    with running(app) as address:
        yield address


@pytest.fixture
def sms(desk: str) -> Iterator[MessageService]:
    service = MessageService(ACCOUNT, TOKEN, f"{desk}/sms/inbound", delays=Delays(0.0, 0.0))
    yield service
    service.close()


@pytest.fixture
def address(sms: MessageService) -> Iterator[str]:
    carrier = Carrier(voice_url="http://127.0.0.1:9/voice", auth_token=TOKEN)
    with running(create_simulator(carrier, messages=sms)) as simulator:
        yield f"{simulator}/messages"


@pytest.fixture
def page(address: str, open_page: OpenPage, request: pytest.FixtureRequest) -> Page:
    # The address comes first, so that the page is closed before its server: it polls to the end.
    return open_page(address, getattr(request, "param", WIDE))


def send(sms: MessageService, body: str, to: str = CUSTOMER) -> None:
    sms.create([("To", to), ("From", SENDER), ("Body", body)])
    sms.wait_until_quiet()


@played_narrow_too
def test_messages_arrive_as_bubbles_and_are_answered(page: Page, sms: MessageService) -> None:
    expect(page.locator("#bubbles")).to_contain_text("Még nincs üzenet.")
    send(sms, REMINDER)
    expect(page.locator(".bubble .text")).to_have_text([REMINDER])
    expect(page.get_by_role("heading", name="+36 30 123 4567")).to_be_visible()
    expect(page.locator(".bubble .about")).to_contain_text("2 rész · UCS-2 ·")
    expect(page.locator(".bubble .about")).to_contain_text("kézbesítve")
    page.get_by_label("Az ügyfél válasza").fill("Jó napot! <i>Ki</i> keres?")
    page.keyboard.press("Enter")
    expect(page.locator(".bubble.mine .text")).to_have_text(["Jó napot! <i>Ki</i> keres?"])
    expect(page.locator(".bubble").last).to_be_in_viewport(ratio=0.9)
    page.get_by_role("button", name="TÉVES").click()
    expect(page.locator(".bubble .text").last).to_have_text("Rögzítettük: TÉVES")
    assert [message.body for message in sms.messages if message.direction == "inbound"] == [
        "Jó napot! <i>Ki</i> keres?",
        "TÉVES",
    ]
    assert {message.to for message in sms.messages if message.direction == "inbound"} == {SENDER}


@pytest.mark.whole_run
def test_each_number_has_its_own_conversation(page: Page, sms: MessageService) -> None:
    send(sms, "az elsőnek")
    send(sms, "a másodiknak", OTHER)
    page.reload()
    expect(page.locator(".number")).to_have_count(2)
    page.get_by_role("button", name="+36 30 123 4567").click()
    expect(page.locator(".bubble .text")).to_have_text(["az elsőnek"])
    page.get_by_role("button", name="+36 20 987 6543").click()
    expect(page.locator(".bubble .text")).to_have_text(["a másodiknak"])
    page.get_by_label("Más telefonszám").fill("+36 70 123 4567")
    page.get_by_role("button", name="Megnyitás").click()
    page.keyboard.type("Halló!")
    page.get_by_role("button", name="Küldés").click()
    expect(page.locator(".bubble .text")).to_have_text(["Halló!", "Rögzítettük: Halló!"])
    assert [each.from_ for each in sms.messages if each.direction == "inbound"] == ["+36701234567"]


@pytest.mark.whole_run
def test_stop_blocks_the_number_where_the_carrier_heeds_it(page: Page, sms: MessageService) -> None:
    send(sms, REMINDER)
    page.reload()
    page.get_by_label("Saját leiratkozáskezelése").select_option("angol szavakra")
    expect(page.locator(".bubble")).to_have_count(1)
    page.get_by_role("button", name="STOP").click()
    expect(page.locator("#opted-out")).to_have_text("leiratkozott")
    expect(page.locator(".bubble.wrong .about")).to_contain_text("sikertelen (21610)")
    assert sms.opted_out == {(CUSTOMER, SENDER)}


@pytest.mark.whole_run
def test_a_reply_that_the_service_does_not_take_is_told(page: Page, sms: MessageService) -> None:
    send(sms, REMINDER)
    page.reload()
    sms.sms_url = "http://127.0.0.1:9/sms/inbound"
    page.get_by_role("button", name="TÉVES").click()
    expect(page.locator("#bubbles .note")).to_have_text(
        "A szolgáltatás nem fogadta az üzenetet (11205)."
    )


@played_narrow_too
@pytest.mark.whole_run
def test_faults_are_set_and_cleared_in_their_panel(page: Page, sms: MessageService) -> None:
    page.get_by_text("Hibák").click()
    page.get_by_label("Lassú válasz").select_option("véletlenszerűen")
    page.get_by_label("százalékuknál").locator("visible=true").fill("25")
    page.get_by_label("másodperc").locator("visible=true").fill("1.5")
    page.get_by_label("Elutasítás").select_option("egyes számoknál")
    page.get_by_label("Számok, szóközzel elválasztva").locator("visible=true").fill(
        f"{CUSTOMER} {OTHER}"
    )
    page.get_by_label("Mégis megszakadó kapcsolat").select_option("a következőknél")
    page.get_by_role("button", name="Beállítás").click()
    expect(page.locator("#faults-state")).to_have_text("Beállítva.")
    expect(page.locator("#active")).to_have_text("(3 bekapcsolva)")
    faults = sms.faults
    assert (faults.slow.probability, faults.slow.seconds) == (0.25, 1.5)
    assert (faults.refuse.recipients, faults.refuse.code) == ((CUSTOMER, OTHER), 21612)
    assert faults.cut_after == Fault(next=1)
    page.reload()
    page.get_by_text("Hibák").click()
    expect(page.get_by_label("Lassú válasz")).to_have_value("probability")
    page.get_by_role("button", name="Mind kikapcsolása").click()
    expect(page.locator("#active")).to_have_text("(mind kikapcsolva)")
    expect(page.get_by_label("Lassú válasz")).to_have_value("")
    assert sms.faults.slow.probability == 0


@pytest.mark.whole_run
def test_the_message_page_stands_within_the_window(page: Page, sms: MessageService) -> None:
    for number in range(8):
        send(sms, REMINDER, f"+3630123456{number}")
    page.reload()
    expect(page.locator(".number")).to_have_count(8)
    page.get_by_text("Hibák").click()
    for shown in in_both_widths(page):
        overflow = shown.evaluate("document.documentElement.scrollWidth - window.innerWidth")
        assert overflow <= 0


@pytest.mark.whole_run
def test_the_two_pages_lead_to_each_other(page: Page) -> None:
    page.get_by_role("link", name="Hívás").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Próbatelefon")
    page.get_by_role("link", name="Üzenetek").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Próbaüzenetek")
    expect(page.get_by_role("link", name="Üzenetek")).to_have_attribute("aria-current", "page")
