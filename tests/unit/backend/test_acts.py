"""The record of acts: what is written to it is enumerated, and nothing in it is ever changed."""

import ast

from backend.staff.audit import ACTS
from tests.support.project.project_files import called, calls

ROOMS = ("api", "backend", "cli", "console", "ivr", "messages", "simulator")
CHANGES = {"update", "delete"}


def test_every_act_that_is_recorded_is_enumerated() -> None:
    recorded = {
        node.args[2].value
        for _file, node in calls(*ROOMS, of={"record_act"})
        if isinstance(node.args[2], ast.Constant)
    }
    assert recorded <= set(ACTS), "enter it in ACTS and give it words (logged act)"
    assert len(recorded) > 20


def test_no_code_changes_or_deletes_an_act() -> None:
    changed = [
        f"{file}:{node.lineno}"
        for file, node in calls(*ROOMS, of=CHANGES)
        if "migrations" not in file.parts
        and (
            any(called(each) == "acts" for each in node.args)
            or ast.unparse(node.func).startswith("acts.")
        )
    ]
    assert changed == []
