"""Where tests run and in which environment, so that nothing that was left there matters to them.

A command looks for the demonstration's settings and for records in the folder in which it is typed;
in the project's are those of the last ``make run``.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from tempfile import mkdtemp

_OF_PYTEST = "PYTEST_CURRENT_TEST"


def use_empty_folder() -> Callable[[], None]:
    """Go to a folder with nothing in it; what is returned goes back.

    That raises ``OSError`` where a test has left something in the folder.
    """
    before, empty = os.getcwd(), mkdtemp()
    os.chdir(empty)

    def go_back() -> None:
        os.chdir(before)
        os.rmdir(empty)

    return go_back


@contextmanager
def environment_kept() -> Iterator[None]:
    """Put the environment back; ``AssertionError`` names the variables that were changed."""
    before = _environment()
    yield
    left = _environment()
    if left != before:
        changed = dict(left.items() ^ before.items())
        for name in changed:
            os.environ.pop(name, None)
        os.environ.update({name: before[name] for name in changed if name in before})
        raise AssertionError(f"the environment is left with another {', '.join(sorted(changed))}")


def _environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if name != _OF_PYTEST}
