"""A small sound line in a folder of its own, for tests that bend one thing of it."""

import shutil
from collections.abc import Collection
from datetime import time
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from common.findings import TreeError
from menus.facts import FILE as FACTS
from menus.line_checks import check_line
from menus.loader import Line, load_line
from menus.sentence_checks import TREE_PROMPTS, Prompts
from menus.slots import Hours, OpenHours
from settings import HERE

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


@cache
def _completed(language: str, text: bytes) -> str:
    small: dict[str, Any] = yaml.load(text, Loader=yaml.CSafeLoader)
    for family, said in _said_by_the_dialogue(language).items():
        small[family] = said | small.get(family, {}) if isinstance(said, dict) else said
    return yaml.dump(small, Dumper=yaml.CSafeDumper, allow_unicode=True)


@cache
def _said_by_the_dialogue(language: str) -> dict[str, Any]:
    everything = _read(HERE / "menus" / "prompts" / f"{language}.yaml")
    of_trees = {family.rstrip(".") for family in TREE_PROMPTS}
    return {family: said for family, said in everything.items() if family not in of_trees}


def _read(path: Path) -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.load(path.read_bytes(), Loader=yaml.CSafeLoader)
    return loaded


WEEKDAYS = Hours((OpenHours((0, 1, 2, 3, 4), time(8), time(20)),))
DESKS = {"general": WEEKDAYS, "complaints": WEEKDAYS}
FORMS = {"payment_day", "meter_reading"}


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

    def complete(self) -> None:
        """Add all that the dialogue says, so that the line can be called."""
        for language in ("hu", "en"):
            file = f"prompts/{language}.yaml"
            self.write(file, _completed(language, Path(file).read_bytes()))
        shutil.copy(HERE / "menus" / "prompts" / FACTS, "prompts")

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
            forms=FORMS,
            desks=DESKS,
            required_prompts=required_prompts,
            spoken_elsewhere=spoken_elsewhere,
        )
        return [str(finding) for finding in found]
