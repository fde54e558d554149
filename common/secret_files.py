"""Secrets in files, as Docker, Kubernetes and systemd hand them over: ``NAME_FILE``."""

from collections.abc import Iterable, Mapping
from pathlib import Path

FILE_SUFFIX = "_FILE"


def read_secret_files(
    given: Mapping[str, str], names: Iterable[str]
) -> tuple[dict[str, str], list[str]]:
    """The variables with each of those names read from its file, and what is wrong with files.

    A complaint names the variable, the path and the hint, never what stands in the file. The file
    is UTF-8 of one line, whose end does not count.
    """
    found = dict(given)
    flaws = []
    for name in names:
        path = found.pop(name + FILE_SUFFIX, None)
        if path is None:
            continue
        try:
            secret = _one_line(Path(path))
            if found.setdefault(name, secret) != secret:
                raise ValueError(f"{name} is set as well, to something else. Set one of them.")
        except ValueError as error:
            flaws.append(f'{name}{FILE_SUFFIX} is "{path}", which cannot be used: {error}')
    return found, flaws


def _one_line(path: Path) -> str:
    try:
        text = path.read_text("utf-8").rstrip("\r\n")
    except UnicodeDecodeError:
        # Without its cause: that holds the bytes of the file.
        raise ValueError("it is not text in UTF-8. Put the secret alone there.") from None
    except OSError as error:
        raise ValueError(
            f"it cannot be read ({error.strerror}). It has to be readable by the service's user."
        ) from error
    if not text.strip():
        raise ValueError("it is empty. Put the secret there, on one line.")
    if len(text.splitlines()) > 1:
        raise ValueError("it has more than one line. Put the secret alone there.")
    return text
