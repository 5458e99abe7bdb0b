"""Work in a second process: its result comes back, and nothing is lost when the process is."""

from __future__ import annotations

import os
import signal
import threading

import pytest

from abckg.parallel import alongside


@pytest.fixture
def single_threaded(monkeypatch: pytest.MonkeyPatch) -> None:
    # The runner of the tests has threads of its own; they do not touch what is forked here.
    monkeypatch.setattr(threading, "active_count", lambda: 1)


@pytest.mark.usefixtures("single_threaded")
def test_result_comes_from_another_process() -> None:
    assert alongside(os.getpid)() != os.getpid()


@pytest.mark.usefixtures("single_threaded")
def test_work_is_done_here_when_the_other_process_is_killed() -> None:
    here = os.getpid()

    def work() -> str:
        if os.getpid() != here:
            os.kill(os.getpid(), signal.SIGKILL)
        return "done"

    assert alongside(work)() == "done"


def test_work_is_done_here_where_threads_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(threading, "active_count", lambda: 2)

    assert alongside(os.getpid)() == os.getpid()
