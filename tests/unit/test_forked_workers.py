"""A run in several processes: every test is run once and told, whatever becomes of its worker."""

from pathlib import Path

import pytest

from tests.support.runs.work_units import units

pytest_plugins = ["pytester"]

CONFTEST = """
from tests.support.runs import forked_workers

def pytest_addoption(parser):
    forked_workers.add_option(parser)

def pytest_configure(config):
    forked_workers.configure(config)
"""
TESTS = {
    "test_sound": """
def test_passes():
    pass
""",
    "test_wrong": """
import os, pytest

def test_says_what_was_written_and_why():
    print("written before")
    assert 1 == 2

@pytest.mark.skip(reason="another day")
def test_is_left_out():
    pass

def test_ends_its_process():
    os._exit(0)

def test_is_never_begun():
    pass
""",
}
END = """
import pytest

@pytest.fixture(scope="session")
def lost():
    yield
    raise OSError("not given back")

def test_has_a_fixture_of_the_run(lost):
    pass
"""


@pytest.fixture
def run(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> pytest.Pytester:
    # The plugins that are installed would be read anew for each of these runs.
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    pytester.makeconftest(CONFTEST)
    pytester.makepyfile(**TESTS)
    return pytester


def test_what_passes_fails_and_dies_in_a_worker_is_told_by_the_run(run: pytest.Pytester) -> None:
    result = run.runpytest_inprocess("--workers", "2", "-rs")
    result.assert_outcomes(passed=1, failed=2, skipped=1)
    result.stdout.fnmatch_lines_random(
        [
            "*written before*",
            "*another day*",
            "*ended by 0 while it ran test_wrong.py::test_ends_its_process;*",
        ]
    )
    assert result.ret == pytest.ExitCode.TESTS_FAILED


def test_what_fails_when_a_worker_ends_fails_the_run(run: pytest.Pytester) -> None:
    run.makepyfile(test_ends=END)
    result = run.runpytest_inprocess("--workers", "1", "test_ends.py")
    result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines("*OSError: not given back*")


def test_a_run_that_is_to_stop_at_the_first_failure_begins_no_other_file(
    run: pytest.Pytester,
) -> None:
    result = run.runpytest_inprocess("--workers", "1", "-x", "test_wrong.py", "test_sound.py")
    result.assert_outcomes(failed=1)


def test_what_waits_longest_begins_first_and_a_browser_serves_one_worker(
    run: pytest.Pytester,
) -> None:
    passing = "def test_a(): pass\ndef test_b(): pass"
    for folder, name in (("unit", "one"), ("browser", "two"), ("browser", "three"), ("crash", "x")):
        (path := run.path / "tests" / folder).mkdir(parents=True, exist_ok=True)
        (path / f"test_{name}.py").write_text(passing)
    found, _ = run.inline_genitems("tests")
    work = [[item.nodeid.removeprefix("tests/") for item in unit] for unit in units(found)]
    assert work == [
        ["crash/test_x.py::test_a"],
        ["crash/test_x.py::test_b"],
        [
            "browser/test_three.py::test_a",
            "browser/test_three.py::test_b",
            "browser/test_two.py::test_a",
            "browser/test_two.py::test_b",
        ],
        ["unit/test_one.py::test_a", "unit/test_one.py::test_b"],
    ]


def test_what_each_worker_makes_of_the_shared_template_is_in_a_folder_of_its_own(
    sqlite_template: Path, sqlite_utility: Path
) -> None:
    assert sqlite_utility.parent != sqlite_template.parent
