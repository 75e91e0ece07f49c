"""The server stops on Ctrl-C and when its parent process is killed."""

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
from tests.helpers.rounds import rounds, variants
from tests.helpers.server import Server, free_port, running
from tests.integration.faults.load import eventually
from tests.integration.faults.worker_processes import kill, workers

ROUNDS = range(rounds(full=10, quick=2))
SECONDS = 15.0  # far more than stopping takes without running requests


def is_open(port: int) -> bool:
    """Whether a server listens on this port."""
    with suppress(OSError):
        Server(Path(), port=port).request("GET", "/healthz")
        return True
    return False


@dataclass
class Terminal:
    """A program in its own terminal, and the user's end of that terminal."""

    process: "subprocess.Popen[bytes]"
    end: int
    output: bytearray = field(default_factory=bytearray)

    def read(self) -> None:
        """Read the output until the terminal closes; otherwise the program would block."""
        with suppress(OSError):
            while part := os.read(self.end, 65_536):
                self.output += part

    def press_ctrl_c(self) -> None:
        os.write(self.end, b"\x03")

    def assert_program_ends(self) -> None:
        """Wait for the program to end.

        On failure print the stacks of all its processes (PYTHONFAULTHANDLER).
        """
        try:
            self.process.wait(SECONDS)
        except subprocess.TimeoutExpired:
            for process_id in reversed(descendants(self.process.pid)):
                os.kill(process_id, signal.SIGABRT)
            time.sleep(1)
            pytest.fail(f"it still runs:\n{self.output.decode()}")


@contextmanager
def in_terminal(folder: Path, port: int) -> Iterator[Terminal]:
    """Run `make run` in a terminal while the block runs."""
    our_end, their_end = pty.openpty()
    process = subprocess.Popen(
        ["/usr/bin/env", "make", "--silent", "run"],
        cwd=ROOT,
        env=Server(folder, {"DAYPASS_WORKERS": "2", "PYTHONFAULTHANDLER": "1"}, port).variables(),
        preexec_fn=lambda: os.login_tty(their_end),
    )
    os.close(their_end)
    terminal = Terminal(process, our_end)
    reader = threading.Thread(target=terminal.read)
    reader.start()
    try:
        yield terminal
    finally:
        for process_id in [*descendants(process.pid), process.pid]:
            with suppress(ProcessLookupError):
                kill(process_id)
        process.wait()
        reader.join()
        os.close(our_end)


@pytest.mark.parametrize("round_", ROUNDS)
def test_ctrl_c_ends_the_server_and_all_its_workers(tmp_path: Path, round_: int) -> None:
    port = free_port()
    with in_terminal(tmp_path, port) as terminal:
        assert eventually(lambda: is_open(port))
        started = descendants(terminal.process.pid)
        terminal.press_ctrl_c()
        terminal.assert_program_ends()
        assert not is_open(port)
        assert not [process_id for process_id in started if Path(f"/proc/{process_id}").exists()]


@pytest.mark.parametrize("pause", variants([0.017, 0.05, 0.0, 0.014, 0.02, 0.023, 0.1], quick=2))
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
        assert eventually(
            lambda: not [process_id for process_id in orphans if Path(f"/proc/{process_id}").exists()], SECONDS
        )
        assert not is_open(server.port)
