"""Tests of somebody else's, in a run of pytest of their own."""

import subprocess
import sys
from pathlib import Path

from tests.helpers.project import ROOT

OPTIONS = ("-q", "-p", "no:schemathesis", "-p", "no:playwright")
SECONDS = 60


def run_pytest(folder: Path, *options: str) -> tuple[int, str]:
    """Run the tests of a folder that can import Daypass; returns the exit code and what pytest prints."""
    command = [sys.executable, "-m", "pytest", *OPTIONS, *options]
    environ = {"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin"}
    done = subprocess.run(command, cwd=folder, env=environ, capture_output=True, text=True, timeout=SECONDS)
    return done.returncode, done.stdout
