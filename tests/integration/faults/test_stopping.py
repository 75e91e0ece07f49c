"""How the server ends: by Ctrl-C in a terminal, and when its parent process is killed."""

import os
import pty
import signal
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.helpers.processes import descendants
from tests.helpers.project import ROOT
from tests.helpers.rounds import rounds
from tests.helpers.server import Server, free_port, running
from tests.integration.faults.load import eventually
from tests.integration.faults.worker_processes import kill, workers

ROUNDS = range(rounds(full=10, quick=2))
SECONDS = 15.0  # far more than an end takes when no request runs


def is_open(port: int) -> bool:
    """Whether somebody listens on this port."""
    with suppress(OSError):
        Server(Path(), port=port).request("GET", "/healthz")
        return True
    return False


@dataclass
class Terminal:
    """A program in a terminal of its own, and the end of that terminal at which a user types."""

    process: "subprocess.Popen[bytes]"
    end: int
    shown: bytearray = field(default_factory=bytearray)

    def read(self) -> None:
        """Read the output until the terminal closes; a program blocks if nobody reads it."""
        with suppress(OSError):
            while part := os.read(self.end, 65_536):
                self.shown += part

    def press_ctrl_c(self) -> None:
        os.write(self.end, b"\x03")

    def assert_program_ends(self) -> None:
        """Wait for the program to end; otherwise fail with the stacks of all its processes (PYTHONFAULTHANDLER)."""
        try:
            self.process.wait(SECONDS)
        except subprocess.TimeoutExpired:
            for each in reversed(descendants(self.process.pid)):
                os.kill(each, signal.SIGABRT)
            time.sleep(1)
            pytest.fail(f"it still runs:\n{self.shown.decode()}")


@contextmanager
def in_terminal(folder: Path, port: int) -> Iterator[Terminal]:
    """`make run` in a terminal."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        ["/usr/bin/env", "make", "--silent", "run"],
        cwd=ROOT,
        env=Server(folder, {"DAYPASS_WORKERS": "2", "PYTHONFAULTHANDLER": "1"}, port).variables(),
        preexec_fn=lambda: os.login_tty(theirs),
    )
    os.close(theirs)
    terminal = Terminal(process, ours)
    reader = threading.Thread(target=terminal.read)
    reader.start()
    try:
        yield terminal
    finally:
        for each in [*descendants(process.pid), process.pid]:
            with suppress(ProcessLookupError):
                kill(each)
        process.wait()
        reader.join()
        os.close(ours)


@pytest.mark.parametrize("round_", ROUNDS)
def test_ctrl_c_ends_the_server_and_all_its_workers(tmp_path: Path, round_: int) -> None:
    port = free_port()
    with in_terminal(tmp_path, port) as terminal:
        assert eventually(lambda: is_open(port))
        ours = descendants(terminal.process.pid)
        terminal.press_ctrl_c()
        terminal.assert_program_ends()
        assert not is_open(port)
        assert not [each for each in ours if Path(f"/proc/{each}").exists()]


@pytest.mark.parametrize("pause", [0.0, 0.02, 0.05, 0.1])
def test_ctrl_c_while_the_workers_start_ends_them_too(tmp_path: Path, pause: float) -> None:
    port = free_port()
    with in_terminal(tmp_path, port) as terminal:
        assert eventually(lambda: len(descendants(terminal.process.pid)) == 3)  # the program and two workers
        time.sleep(pause)
        terminal.press_ctrl_c()
        terminal.assert_program_ends()
        assert not is_open(port)


def test_no_worker_outlives_a_parent_that_is_killed(tmp_path: Path) -> None:
    with running(tmp_path, DAYPASS_WORKERS="3") as server:
        assert server.process is not None
        orphans = workers(server)
        assert len(orphans) == 3
        server.process.send_signal(signal.SIGKILL)
        assert eventually(lambda: not [each for each in orphans if Path(f"/proc/{each}").exists()], SECONDS)
        assert not is_open(server.port)
