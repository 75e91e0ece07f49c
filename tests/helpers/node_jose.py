"""Node.js with the library `jose`: what tests verify tokens with beside PyJWT."""

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

FOLDER = Path(__file__).parent / "node"
HOW = (
    "no Node.js with jose: `make test` as root on Debian installs it; elsewhere install Node.js 18 or newer, "
    "then run `npm install` in tests/helpers/node"
)
SECONDS = 60


def node() -> str:
    """The path of Node.js. Without it or jose the test is skipped, and where everything has to be tested it fails."""
    found = next(filter(None, map(shutil.which, ("node", "nodejs"))), None)
    if found is None or not (FOLDER / "node_modules" / "jose" / "package.json").exists():
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(HOW)
    return found


def run(script: str, job: dict[str, Any]) -> Any:
    """Run tests/helpers/node/`script` with the job on its standard input; returns what it printed. Both are JSON."""
    done = subprocess.run(
        [node(), str(FOLDER / script)],
        input=json.dumps(job),
        capture_output=True,
        text=True,
        timeout=SECONDS,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)
