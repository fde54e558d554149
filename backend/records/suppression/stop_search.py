"""Looking for stopped numbers among very many, in a process of its own.

The key of a number takes three hashes, those of a million numbers as long as a quarter of all that
judging them takes. They are computed while the database judges the rest. The process is told the
secret of the keys through a pipe, and knows no database.
"""

import hashlib
import pickle
import signal
import subprocess
import sys
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, suppress
from tempfile import TemporaryFile
from typing import IO, Any, Self

from backend.own_process import start_own

LARGE = 1 << 18
"""Bytes of numbers from which on a process pays: twenty thousand of them."""

_BEGIN = 3
"""Bytes of a key: of so many kinds that few numbers begin like a stop by chance."""

_BLOCK = 1 << 16


class StopSearch:
    """One search; a context that leaves neither a process nor a file behind.

    ``salt`` and ``secret`` are those of ``StopKeys``.
    """

    def __init__(self, salt: str, secret: bytes) -> None:
        self._salt, self._secret = salt, secret
        self._begins = b""
        self._process: subprocess.Popen[bytes] | None = None
        self._open = ExitStack()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        # What a full disk has kept out of the files is not wanted any more.
        with suppress(OSError):
            self._open.close()

    def begin(self, stopped: Iterable[str], numbers: Iterable[str]) -> None:
        """Begin to look for ``numbers`` among the keys of ``stopped``, and do not wait.

        Each text of ``numbers`` is some of them, one a line. They are asked for only where there
        are stops. Raises ``OSError`` where there is no room for temporary files.
        """
        self._begins = b"".join(bytes.fromhex(key[: 2 * _BEGIN]) for key in stopped)
        if not self._begins:
            return
        self._numbers, self._found = map(self._open.enter_context, _temporary_files())
        for some in numbers:
            self._numbers.write(f"{some}\n".encode())
        self._numbers.flush()
        if self._numbers.tell() >= LARGE:
            self._begin_beside()

    def found(self) -> Iterator[tuple[str, str]]:
        """Wait; each number that may be stopped, with its key: all that are, and few others.

        A number that was given several times may come as often.
        """
        if not self._begins:
            return
        # One that was ended has not looked at all of them: then we look ourselves.
        if self._process is None or self._process.wait():
            lines: Iterable[bytes] = _search(self._numbers, self._salt, self._secret, self._begins)
        else:
            self._found.seek(0)
            lines = self._found
        for line in lines:
            number, _, key = line.decode().removesuffix("\n").rpartition(" ")
            yield number, key

    def _begin_beside(self) -> None:
        numbers = self._numbers.fileno()
        # One that cannot be started, or was ended, has not taken it; ``found`` sees that.
        with suppress(OSError):
            self._process = self._open.enter_context(
                # What it cannot do is done here, so it has nothing to tell.
                start_own(
                    __name__,
                    str(numbers),
                    stdin=subprocess.PIPE,
                    stdout=self._found,
                    stderr=subprocess.DEVNULL,
                    pass_fds=[numbers],
                )
            )
            self._open.callback(self._process.kill)
            pipe: Any = self._process.stdin
            with pipe:
                pickle.dump((self._salt, self._secret, self._begins), pipe)


def _temporary_files() -> tuple[IO[bytes], IO[bytes]]:
    return TemporaryFile(), TemporaryFile()


def _search(numbers: IO[bytes], salt: str, secret: bytes, begins: bytes) -> Iterator[bytes]:
    """``StopKeys.of`` of each, from hashes that are begun once: two thirds of its time."""
    is_begin = bytearray(1 << 8 * _BEGIN)
    for at in range(0, len(begins), _BEGIN):
        is_begin[int.from_bytes(begins[at : at + _BEGIN])] = True
    # HMAC by hand (RFC 2104).
    block = secret.ljust(64, b"\0")
    salted = hashlib.sha256(f"{salt}:".encode())
    inner = hashlib.sha256(bytes(byte ^ 0x36 for byte in block))
    outer = hashlib.sha256(bytes(byte ^ 0x5C for byte in block))
    numbers.seek(0)
    while lines := numbers.readlines(_BLOCK):
        for line in lines:
            number = line[:-1]
            told, mixed, result = salted.copy(), inner.copy(), outer.copy()
            told.update(number)
            mixed.update(told.hexdigest().encode())
            result.update(mixed.digest())
            key = result.digest()
            if is_begin[int.from_bytes(key[:_BEGIN])]:
                yield b"%b %b\n" % (number, key.hex().encode())


def main(numbers: int) -> None:
    """Search the file of this descriptor and write what is found to the standard output."""
    # An interrupt at the keyboard is for whoever waits for this, and ends both.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    salt, secret, begins = pickle.load(sys.stdin.buffer)  # noqa: S301 - our own process wrote it
    with open(numbers, "rb") as file:
        sys.stdout.buffer.writelines(_search(file, salt, secret, begins))


if __name__ == "__main__":
    main(int(sys.argv[1]))
