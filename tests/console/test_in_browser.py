"""The console in Chromium: accessible in both schemes, no wider than the window."""

from tests.console.browser import LiveConsole, page_findings

EMPTY = (
    "/",
    "/campaigns",
    "/inbox",
    "/inbox?tab=mine",
    "/suppression",
    "/templates",
    "/templates/new",
    "/templates/debt_contact_1",
    "/templates/debt_contact_1/edit",
    "/calls",
    "/requests",
    "/line",
    "/tree?layer=drop-off",
    "/tree?line=heat&node=hot_water_reading&layer=words",
    "/tree/check",
    "/tree/changes",
    "/me",
    "/no-such-page",
)
"""Pages of a console without records."""


def test_empty_pages_are_accessible_and_fit_the_window(live: LiveConsole) -> None:
    found: list[str] = []
    with live.page("sender") as page:
        for path in EMPTY:
            page.goto(live.address + path)
            found += page_findings(page)
    assert "\n".join(found) == ""
