"""What a whole utility's numbers cost the library alone, beside which bulk work is measured."""

import re
import time
from pathlib import Path

import phonenumbers

_SAMPLE = 50_000


def bare_parse(rows: int) -> float:
    """Seconds of ``phonenumbers.parse`` for so many numbers, reckoned from a part of them."""
    numbers = [spelled(number) for number in range(_SAMPLE)]
    began = time.monotonic()
    for number in numbers:
        phonenumbers.parse(number, "HU")
    return (time.monotonic() - began) / _SAMPLE * rows


def spelled(number: int) -> str:
    """A mobile as people write it; one in a hundred is a landline."""
    if number % 100 == 10:
        return f"06 1 2{number % 1_000_000:06d}"
    national = mobile(number).removeprefix("+36")
    return f"06 {national[:2]}/{national[2:5]}-{national[5:]}"


def mobile(number: int) -> str:
    """A mobile for each number, in no order."""
    return f"+36{(20, 30, 31, 50, 70)[number % 5]}{number * 104_729 % 10_000_000:07d}"


def peak_memory(process: int | str = "self") -> float:
    """In MB. ``getrusage`` would give the peak of the process that started this one, if larger."""
    status = Path(f"/proc/{process}/status").read_text("utf-8")
    # One that has just ended has none.
    return sum(map(int, re.findall(r"^VmHWM:\s+(\d+) kB$", status, flags=re.MULTILINE))) / 1024


def peak_of_all() -> float:
    """In MB: what this process has taken at most so far, and each that it has begun and is there.

    The largest of several, and of this process's own at the end, is the most of all together.
    """
    return peak_memory() + sum(map(peak_memory, child_processes()))


def child_processes() -> list[int]:
    """The ids of the processes that this one has begun and that are there."""
    tasks = Path("/proc/self/task").glob("*/children")
    return [int(child) for task in tasks for child in task.read_text("utf-8").split()]
