"""Files with personal data: whoever makes one makes it for its owner only."""

import os
from os import PathLike


def private(path: str | PathLike[str], flags: int) -> int:
    """An ``opener`` of ``open``: a new file is its owner's only, one that is there stays as it is.

    It is so from its first moment on; no umask makes it wider.
    """
    return os.open(path, flags, 0o600)
