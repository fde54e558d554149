"""Pictures of every screen of the console in the demonstration, to be looked at.

``python -m tests.console.shots`` starts a demonstration of its own and follows the links of its
pages, each kind of page once, and sends some forms: both widths, both schemes, into ``var/shots``.
Two of the pictures are those of the README.
"""

import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from socket import socket
from urllib.parse import parse_qs, urlsplit

import requests
from playwright.sync_api import Page

from cli.support.demo_setup import PASSWORD
from settings import HERE
from tests.browser.console.live_console import NARROW, WIDE
from tests.console.shot_forms import shoot_forms
from tests.support.colleagues.chromium import launched_chromium

FOLDER = HERE / "var" / "shots"
IMAGES = HERE / "docs" / "images"
USER = "ada"
MOST_CAMPAIGNS = 5
README_HEIGHT = 1300
START_SECONDS = 120
_LINKS = "found => found.map(a => new URL(a.getAttribute('href'), document.baseURI).href)"
_LEAVES = re.compile(r"^/(static|logout|session)|\.csv$")


def main() -> None:
    """Take the pictures."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for old in FOLDER.glob("*.png"):
        old.unlink()
    with _demonstration() as address, launched_chromium() as browser:
        context = browser.new_context(locale="hu-HU", reduced_motion="reduce")
        page = context.new_page()
        page.goto(f"{address}/login")
        _shoot(page, "login")
        _log_in(page)
        # A draft, whose steps are then linked from the first page.
        page.goto(f"{address}/campaigns")
        page.get_by_role("button", name="Új kampány").click()
        for number, path in enumerate(_walk(page, address), 1):
            _shoot(page, f"{number:02}-{_name(path)}")
        shoot_forms(page, address, _shoot)
        # Once more, as by now the past of the demonstration is complete.
        page.goto(address)
        _shoot(page, "01-home")
        _shoot_readme(page, address)
    taken = len(list(FOLDER.glob("*.png")))
    sys.stdout.write(f"{taken} pictures in {FOLDER}\n")


@contextmanager
def _demonstration() -> Iterator[str]:
    ports = [_free_port() for _port in range(3)]
    names = ("--service-port", "--simulator-port", "--console-port")
    given = [str(each) for pair in zip(names, ports, strict=True) for each in pair]
    command = [sys.executable, "-c", "from cli import main; main()", "demo", *given]
    address = f"http://127.0.0.1:{ports[2]}"
    with tempfile.TemporaryDirectory() as folder:
        environment = {**os.environ, "PYTHONPATH": str(HERE)}
        process = subprocess.Popen(command, cwd=folder, env=environment, stdout=subprocess.DEVNULL)
        try:
            _wait(f"{address}/login")
            yield address
        finally:
            process.send_signal(signal.SIGINT)
            process.wait()


def _free_port() -> int:
    with socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait(url: str) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        try:
            if requests.get(url, timeout=1).ok:
                return
        except requests.RequestException:
            time.sleep(0.5)
    sys.exit("The demonstration did not start.")


def _log_in(page: Page) -> None:
    page.get_by_label("Felhasználónév").fill(USER)
    page.get_by_label("Jelszó").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: "login" not in url)


def _walk(page: Page, address: str) -> Iterator[str]:
    """Each kind of page once, open in ``page`` when its path is given."""
    waiting, seen = ["/"], {"/": 1}
    while waiting:
        path = waiting.pop(0)
        page.goto(address + path)
        yield path
        for link in page.eval_on_selector_all("a[href]", _LINKS):
            parsed = urlsplit(link)
            kind = _kind(parsed.path, parsed.query)
            most = MOST_CAMPAIGNS if kind == "/campaigns/*" else 1
            ours = link.startswith(address) and not _LEAVES.search(parsed.path)
            target = parsed.path + (f"?{parsed.query}" if parsed.query else "")
            if ours and seen.get(kind, 0) < most and target not in waiting:
                seen[kind] = seen.get(kind, 0) + 1
                waiting.append(target)


def _kind(path: str, query: str) -> str:
    """The address without what names a single thing; a tab is a page of its own."""
    parts = path.strip("/").split("/")
    kept = [part if place != 1 or part == "new" else "*" for place, part in enumerate(parts)]
    return "/" + "/".join(kept) + "".join(parse_qs(query).get("tab", []))


def _name(path: str) -> str:
    return re.sub(r"[^a-zA-Z0-9_]+", "-", path).strip("-")[:60] or "home"


def _shoot(page: Page, name: str) -> None:
    for label, size in (("wide", WIDE), ("narrow", NARROW)):
        page.set_viewport_size({"width": size[0], "height": size[1]})
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)
            picture = FOLDER / f"{name}-{label}-{scheme}.png"
            page.screenshot(path=picture, full_page=True, animations="disabled")
    page.emulate_media(color_scheme="light")
    page.set_viewport_size({"width": WIDE[0], "height": WIDE[1]})


def _shoot_readme(page: Page, address: str) -> None:
    """The pages of the README, as much of them as its readers see without scrolling far."""
    page.set_viewport_size({"width": WIDE[0], "height": README_HEIGHT})
    page.goto(f"{address}/campaigns?state=done")
    page.locator("main table a").first.click()
    page.screenshot(path=IMAGES / "campaign.png")
    page.goto(f"{address}/calls?period=week")
    page.screenshot(path=IMAGES / "calls.png")


if __name__ == "__main__":
    main()
