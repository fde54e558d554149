"""Errors as a log may have them: nothing of what was typed or stored."""

import traceback
from pathlib import Path


def redacted(fault: Exception) -> str:
    """Name a failure and where it happened, without its message: that may hold what was typed.

    An error whose class says that it holds no values (``holds_values = False``) is told as it is.
    """
    if not getattr(fault, "holds_values", True):
        return str(fault)
    places = traceback.extract_tb(fault.__traceback__)[-3:]
    path = " < ".join(f"{Path(place.filename).name}:{place.lineno}" for place in places[::-1])
    return f"{type(fault).__name__} at {path}"
