"""Work for later: when it is due, in which order, and how it ends."""

from threading import Event

import pytest

from simulator.messages.agenda import Agenda


def test_jobs_are_done_when_they_are_due_and_in_that_order() -> None:
    agenda, done = Agenda(workers=1), list[str]()
    agenda.after(0.03, lambda: done.append("later"))
    agenda.after(0.01, lambda: done.append("sooner"))
    assert agenda.pending == 2
    agenda.wait_until_quiet(5)
    assert done == ["sooner", "later"]
    agenda.close()


def test_a_job_that_takes_long_holds_up_no_other() -> None:
    agenda, blocked, done = Agenda(workers=2), Event(), Event()
    agenda.after(0, lambda: blocked.wait(5))
    agenda.after(0, done.set)
    assert done.wait(5)
    assert agenda.pending == 1
    blocked.set()
    agenda.wait_until_quiet(5)
    agenda.close()


def test_a_job_that_another_one_leaves_behind_is_waited_for() -> None:
    agenda, done = Agenda(), Event()
    agenda.after(0, lambda: agenda.after(0.01, done.set))
    agenda.wait_until_quiet(5)
    assert done.is_set()
    agenda.close()


def test_waiting_in_vain_says_what_is_left() -> None:
    agenda = Agenda()
    agenda.after(60, lambda: None)
    with pytest.raises(TimeoutError, match="1 jobs were still left"):
        agenda.wait_until_quiet(0.01)
    agenda.clear()
    agenda.wait_until_quiet(0.01)
    agenda.close()


def test_nothing_is_done_after_the_end() -> None:
    agenda, done = Agenda(), list[str]()
    agenda.after(0.01, lambda: done.append("waiting"))
    agenda.close()
    agenda.after(0, lambda: done.append("new"))
    agenda.wait_until_quiet(0.1)
    assert done == []
