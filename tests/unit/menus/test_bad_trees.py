"""Each kind of finding has examples, and each of them shows its finding and no other.

An example bends the small line: ``bend`` replaces passages, ``write`` and ``bytes`` (in Latin-1)
make whole files, ``repeat`` makes long ones, ``remove`` takes files away, ``sounds`` are
recordings.
"""

from functools import cache
from pathlib import Path
from typing import Any, get_args

import pytest
import yaml
from bad_forms import BAD_FORMS
from small_line import DESKS, FORMS, Files

from backend.desks import load_desks
from backend.interface.codes import MessageKind
from common.findings import Code, TreeError
from ivr.forms.payment_day import payment_day
from ivr.opening_check import check_opening
from ivr.published_texts import check_texts
from ivr.walk.proof import prove
from menus.line_checks import check_line
from menus.recordings import check_recordings
from messages.campaigns.desk_contact import desk_facts
from messages.content.desk_facts import DeskFacts
from settings import HERE

FOLDER = Path(__file__).parents[2] / "data" / "bad_trees"
EXAMPLES = [
    pytest.param(path.stem, example, id=f"{path.stem}: {example['example']}")
    for path in sorted(FOLDER.glob("*.yaml"))
    for example in yaml.load(path.read_bytes(), yaml.CSafeLoader)
]


def test_no_kind_of_finding_is_without_an_example() -> None:
    assert {path.stem for path in FOLDER.iterdir()} == set(get_args(Code))


def test_every_kind_of_finding_is_in_the_manual() -> None:
    text = (HERE / "docs" / "menu.md").read_text("utf-8")
    assert {code for code in get_args(Code) if f"`{code}`" not in text} == set()


@pytest.mark.parametrize(("code", "example"), EXAMPLES)
def test_a_bad_tree_shows_exactly_its_finding(
    files: Files, code: str, example: dict[str, Any]
) -> None:
    assert f"[{code}]" in example["shows"]
    is_walked = code.startswith("walk-")
    if is_walked:
        files.complete()
    make(files, example)
    assert findings(files, is_walked) == [example["shows"]]


def make(files: Files, example: dict[str, Any]) -> None:
    for file, passages in example.get("bend", {}).items():
        for old, new in passages.items():
            files.bend(old, new, file)
    for file, content in (example.get("write", {}) | example.get("sounds", {})).items():
        Path(file).parent.mkdir(parents=True, exist_ok=True)
        files.write(file, content)
    for file, content in example.get("bytes", {}).items():
        files.write(file, content.encode("latin-1"))
    for file, (start, sign, times) in example.get("repeat", {}).items():
        files.write(file, start + sign * times)
    for file in example.get("remove", []):
        Path(file).unlink()


@cache
def facts_of_desks() -> DeskFacts:
    return desk_facts(load_desks(HERE / "desks.yaml"), MessageKind.SERVICE)


def findings(files: Files, is_walked: bool) -> list[str]:
    try:
        line = files.load()
    except TreeError as error:
        return [str(finding) for finding in error.findings]
    forms = dict.fromkeys(FORMS, payment_day) | BAD_FORMS
    required = () if is_walked else ("read_back",)
    found = [
        *check_line(
            line,
            # Forms that only a walk shows to be bad are not to be suggested.
            forms=forms if is_walked else FORMS,
            desks=DESKS,
            required_prompts=required,
            spoken_elsewhere=line.phrasebooks["hu"].ids if is_walked else (),
        ),
        *check_texts(line, facts_of_desks()),
        *check_recordings(Path("recordings"), line.phrasebooks),
    ]
    if all(finding.severity == "warning" for finding in found):
        found += check_opening(line, DESKS, forms)
    if is_walked:
        found += prove(line, forms, DESKS).findings
    return [str(finding) for finding in found]
