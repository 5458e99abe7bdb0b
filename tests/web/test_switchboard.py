"""A server process whose connections are lost ends, so that another takes its place."""

from __future__ import annotations

import subprocess
import sys

_LOST = """
import socket
from abckg.web.lanes.switchboard import Switchboard

def fail():
    raise RuntimeError("seeded")

listener = socket.socket()
listener.bind(("127.0.0.1", 0))
Switchboard(fail, listener, 1, 1, print, {}).start().join()
print("still here")
"""


def test_process_ends_where_its_switchboard_fails() -> None:
    done = subprocess.run([sys.executable, "-c", _LOST], capture_output=True, text=True, timeout=60)

    assert (done.returncode, done.stdout) == (1, "")
    assert "another takes its place" in done.stderr
