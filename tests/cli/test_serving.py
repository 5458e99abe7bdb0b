"""What ``abckg serve`` says where it cannot begin."""

from __future__ import annotations

import socket
import subprocess
import sys
from pathlib import Path

import pytest

from conftest import ROOT


@pytest.mark.parametrize("lanes", ["0", "1"])
def test_port_in_use_is_the_one_thing_that_is_said(tmp_path: Path, lanes: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = str(other.getsockname()[1])
        command = [sys.executable, "-m", "abckg", "serve", "--root", str(ROOT), "--store", str(tmp_path)]
        done = subprocess.run(
            ["env", f"ABCKG_LANES={lanes}", *command, "--port", port], capture_output=True, text=True, timeout=60
        )

    assert done.returncode == 2
    assert done.stdout == ""
    assert [port in line and "in use" in line for line in done.stderr.splitlines()] == [True]
