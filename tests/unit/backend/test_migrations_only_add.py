"""A release and the next one share a database: what a migration may do without a word."""

import ast
import re
from pathlib import Path

from backend.db import migrations
from tests.support.project.project_files import text_of
from tests.support.runs.tables import each_of

VERSIONS = sorted((Path(migrations.__path__[0]) / "versions").glob("r[0-9]*.py"))
SINCE = "r0026"
ADDING = {"create_table", "create_index", "add_column", "batch_alter_table", "f", "get_bind"}
CHANGING = {"drop_", "alter_", "rename_", "create_", "execute", "bulk_"}


def does_more(text: str) -> list[str]:
    """The steps of a migration that an older program may not stand, if it does not name these."""
    calls = [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Call)]
    if any(isinstance(call.func, ast.Name) and call.func.id == "works_from" for call in calls):
        return []
    found = []
    for call in calls:
        name = call.func.attr if isinstance(call.func, ast.Attribute) else ""
        changes = name not in ADDING and name.startswith(tuple(CHANGING))
        if changes or (name == "add_column" and is_demanded(call)):
            found.append(name)
    return found


def is_demanded(added: ast.Call) -> bool:
    """Whether a new column has to be given by whoever writes a row."""
    written = ast.unparse(added)
    return "nullable=False" in written and "server_default" not in written


@each_of("version", [version for version in VERSIONS if version.name >= SINCE])
def test_a_migration_that_does_more_than_add_says_which_programs_still_work(version: Path) -> None:
    text = text_of(version)
    assert not does_more(text), "say works_from(…), or add first and remove a release later"
    for oldest in re.findall(r'works_from\("(\d{4})"\)', text):
        assert oldest <= version.name[1:5]


@each_of(
    ("step", "more"),
    [
        ('op.drop_column("calls", "place")', True),
        ('op.execute("UPDATE calls SET place = NULL")', True),
        ('op.add_column("calls", sa.Column("place", sa.Text(), nullable=False))', True),
        ('op.drop_column("calls", "place")\nworks_from("0026")', False),
        ('op.add_column("calls", sa.Column("place", sa.Text()))', False),
        (
            'op.add_column("c", sa.Column("n", sa.Text(), nullable=False, server_default="0"))',
            False,
        ),
        ('op.create_table("of_a_release", sa.Column("n", sa.Text(), nullable=False))', False),
    ],
)
def test_removing_changing_and_demanding_is_more_than_adding(step: str, more: bool) -> None:
    assert bool(does_more(step)) == more
