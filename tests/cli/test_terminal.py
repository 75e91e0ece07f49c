"""Commands print audit events only if they do not run at a terminal."""

import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from tests.helpers.project import ROOT
from tests.helpers.server import Server

COMMAND = [sys.executable, "app.py", "user", "add", "alice", "--password-stdin"]


@pytest.mark.parametrize("terminal", [True, False], ids=["terminal", "pipe"])
def test_audit_events_are_printed_only_where_nobody_reads_along(tmp_path: Path, terminal: bool) -> None:
    read_end, write_end = pty.openpty() if terminal else os.pipe()
    done = subprocess.run(
        COMMAND,
        cwd=ROOT,
        env=Server(tmp_path).variables(),
        input="hazel lantern 7 quiet river\n",
        text=True,
        stdout=subprocess.PIPE,
        stderr=write_end,
        check=True,
    )
    os.write(write_end, b"end")
    printed = os.read(read_end, 65_536).decode()
    assert done.stdout == "Added alice.\n"
    assert ('"account_created"' in printed) != terminal
