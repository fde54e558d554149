"""The garbage collector while a process starts."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def nothing_collected() -> Iterator[None]:
    """While modules load and parts are built: all of that stays.

    Looking through it took a fifth of the start. It is left out of later collections, too, which a
    caller's turn would wait for.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()
