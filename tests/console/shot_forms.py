"""Screens that only a form leads to: previews, refusals, confirmations, and what is shown once."""

from collections.abc import Callable

from playwright.sync_api import Page

from backend.interface.codes import TaskOutcome

Shoot = Callable[[Page, str], None]

_PATIENCE = 60_000
"""Milliseconds; a worker has to find the list first."""


def shoot_forms(page: Page, address: str, shoot: Shoot) -> None:
    """Send the forms of an administrator and take a picture of what each leads to."""
    _plan(page, address, shoot)
    _notice(page, address, shoot)
    _suppression(page, address, shoot)
    _task(page, address, shoot)
    _staff(page, address, shoot)


def _plan(page: Page, address: str, shoot: Shoot) -> None:
    page.goto(f"{address}/campaigns")
    page.get_by_role("button", name="Új kampány").click()
    shoot(page, "form-plan-who")
    page.check("input[name=source][value=register]")
    page.get_by_role("button", name="Tovább", exact=True).click()
    page.wait_for_selector("#read", timeout=_PATIENCE)
    shoot(page, "form-plan-read")
    page.goto(page.url.removesuffix("who") + "what")
    page.select_option("#template", "debt_contact_1")
    page.wait_for_selector("#preview .phone")
    shoot(page, "form-plan-text")
    page.get_by_role("button", name="Tovább", exact=True).click()
    page.check("input[name=when][value=at]")
    page.fill("#day", "holnap")
    page.get_by_role("button", name="Tovább", exact=True).click()
    page.wait_for_selector(".error")
    shoot(page, "form-plan-time-refused")
    page.check("input[name=when][value='at once']")
    page.get_by_role("button", name="Tovább", exact=True).click()
    page.wait_for_url("**/check")
    shoot(page, "form-plan-check")


def _notice(page: Page, address: str, shoot: Shoot) -> None:
    page.goto(f"{address}/line")
    page.check("input[name=kind][value=outage]")
    page.fill("#area", "2000")
    page.fill("#place_hu", "Szentendrén")
    page.fill("#place_en", "in Szentendre")
    page.click("button[name=preview]")
    page.wait_for_selector("#elonezet blockquote")
    shoot(page, "form-notice-preview")


def _suppression(page: Page, address: str, shoot: Shoot) -> None:
    page.goto(f"{address}/suppression")
    page.fill("#phone", "06 1 12")
    page.keyboard.press("Enter")
    page.wait_for_selector(".error")
    shoot(page, "form-number-refused")
    page.fill("#phone", "06 30 123 4567")
    page.keyboard.press("Enter")
    page.wait_for_url("**/suppression/*")
    shoot(page, "form-number")


def _task(page: Page, address: str, shoot: Shoot) -> None:
    _take(page, address, "téves címzett ellenőrzése")
    shoot(page, "form-task-taken")
    page.check(f"input[name=outcome][value={TaskOutcome.DELETED}]")
    page.get_by_role("button", name="Lezárás").click()
    page.wait_for_selector("input[name=confirmed]", state="attached")
    shoot(page, "form-task-delete")
    _take(page, address, "üzenet elolvasása")
    page.goto(f"{page.url}/reply")
    page.get_by_role("button", name="Előnézet").click()
    page.wait_for_url("**/reply?template=*")
    shoot(page, "form-reply-preview")


def _take(page: Page, address: str, kind: str) -> None:
    page.goto(f"{address}/inbox")
    page.get_by_role("link", name=kind).first.click()
    page.get_by_role("button", name="Magamhoz veszem").click()
    page.wait_for_selector("input[name=outcome]")


def _staff(page: Page, address: str, shoot: Shoot) -> None:
    page.goto(f"{address}/staff/vera")
    page.get_by_role("button", name="Új egyszer használható jelszó").click()
    shoot(page, "form-one-time-password")
