"""A small sound line in a folder of its own, for tests that bend one thing of it."""

from collections.abc import Collection
from pathlib import Path

import pytest

from menus.check import check_line
from menus.findings import TreeError
from menus.loader import Line, load_line
from menus.wording import Prompts

TREE = """\
version: 1
service: electricity
languages: [hu, en]
opening: [opening.welcome]
operator: general
published_paths: {"2.2.1": payment_day}
menu: main
options:
  "1": {transfer: complaint, desk: complaints}
  "2":
    menu: billing
    options:
      "1": {info: about_bill}
      "2":
        menu: payments
        timeout: 10
        options:
          "1": {form: payment_day}
          "2": {goto: billing_again, to: billing}
  "3": {form: new_day, uses: payment_day}
  "4": {hangup: goodbye}
"""

HUNGARIAN = """\
opening:
  welcome: "Jó napot kívánok!"
transfer:
  connecting: "Kapcsolom."
menus:
  main: "Válasszon a menüből!"
options:
  complaint: "Ha panasza van, {key:press}."
  billing: "Számlázás és fizetés: nyomja meg {key:press}."
  about_bill: "Tudnivalók a számláról: {key:press}."
  payments: "Fizetés, | fizetési nap, {key:press}."
  payment_day: "Ha módosítaná a terhelés napját, {key:press}."
  billing_again: "Vissza a számlázáshoz: {key:press}."
  new_day: "Ha új napot választana, {key:press}."
  goodbye: "Ha befejezte, {key:press}."
info:
  about_bill: "A számla havonta érkezik."
hangup:
  goodbye: "Viszonthallásra!"
read_back: "A terhelés napja {day:the} lesz, {date:the_from}."
"""

ENGLISH = """\
opening:
  welcome: "Good day!"
transfer:
  connecting: "Connecting you."
menus:
  main: "Please choose."
options:
  complaint: "To make a complaint, {key:press}."
  billing: "For billing and payment, {key:press}."
  about_bill: "To hear about the bill, {key:press}."
  payments: "For payments, {key:press}."
  payment_day: "To move the day of payment, {key:press}."
  billing_again: "To return to billing, {key:press}."
  new_day: "To choose a new day, {key:press}."
  goodbye: "To finish, {key:press}."
info:
  about_bill: "A bill comes every month."
hangup:
  goodbye: "Goodbye!"
read_back: "Payment will fall on {day:the}, {date:from}."
"""


class Files:
    """The small line's files; ``bend`` replaces one passage in one of them."""

    tree = Path("menu_tree.yaml")
    prompts = Path("prompts")

    def __init__(self) -> None:
        self.prompts.mkdir()
        self.write("menu_tree.yaml", TREE)
        self.write("prompts/hu.yaml", HUNGARIAN)
        self.write("prompts/en.yaml", ENGLISH)

    def write(self, file: str, content: str | bytes) -> None:
        raw = content.encode() if isinstance(content, str) else content
        Path(file).write_bytes(raw)

    def bend(self, old: str, new: str, file: str = "menu_tree.yaml") -> None:
        text = Path(file).read_text(encoding="utf-8")
        assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in {file}"
        self.write(file, text.replace(old, new))

    def load(self) -> Line:
        return load_line(self.tree, self.prompts)

    def flaws(self) -> list[str]:
        """What keeps the line from loading."""
        with pytest.raises(TreeError) as caught:
            self.load()
        return [str(finding) for finding in caught.value.findings]

    def findings(
        self,
        required_prompts: Prompts = ("read_back",),
        spoken_elsewhere: Collection[str] = (),
    ) -> list[str]:
        """What the check says of the loaded line."""
        found = check_line(
            self.load(),
            forms={"payment_day", "meter_reading"},
            desks={"general", "complaints"},
            required_prompts=required_prompts,
            spoken_elsewhere=spoken_elsewhere,
        )
        return [str(finding) for finding in found]
