"""Starting a server that must fail, or that has fewer rights than the tests."""

import os
import shutil
import subprocess
import sys

from tests.helpers.project import ROOT
from tests.helpers.server import Server


def start_error(server: Server, *, before: tuple[str, ...] = ()) -> str:
    """Start a server that must fail; returns the one line that it prints."""
    done = subprocess.run(
        [*before, sys.executable, "app.py"],
        cwd=ROOT,
        env=server.variables(),
        capture_output=True,
        text=True,
        timeout=20,
    )
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1, done.stderr
    return done.stderr


def without_file_override() -> tuple[str, ...]:
    """A command prefix that holds root to file permissions; empty for other users."""
    if os.geteuid() != 0:
        return ()
    setpriv = shutil.which("setpriv")
    assert setpriv, "setpriv (util-linux) is needed to run this test as root"
    return setpriv, "--bounding-set=-dac_override,-dac_read_search", "--inh-caps=-dac_override,-dac_read_search"
