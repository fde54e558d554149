"""The process that makes the past of a new demonstration, beside its servers."""

import subprocess
import sys
import threading

from cli.history import CALLS_ARE_MADE, MESSAGES_ARE_MADE


class Past:
    """The process, and how far it is."""

    def __init__(self, environment: dict[str, str]) -> None:
        # A session of its own, as the servers have.
        self.process = subprocess.Popen(
            [sys.executable, "-m", "cli.history"],
            env=environment,
            start_new_session=True,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._messages = threading.Event()
        self._calls = threading.Event()
        threading.Thread(target=self._listen, daemon=True).start()

    def wait_for_messages(self, seconds: float) -> None:
        """Return when nothing of the past is being sent any more, or after so many seconds."""
        self._messages.wait(seconds)

    @property
    def is_made(self) -> bool:
        """Whether everything is there; not when the process ended before it was."""
        return self._calls.is_set()

    @property
    def is_over(self) -> bool:
        """Whether the process has ended, for whatever reason."""
        return self.process.poll() is not None

    def _listen(self) -> None:
        for line in self.process.stdout or ():
            if line.strip() == MESSAGES_ARE_MADE:
                self._messages.set()
            elif line.strip() == CALLS_ARE_MADE:
                self._calls.set()
        # Also when it failed: what it has left running is sent on by a worker.
        self._messages.set()
