"""Sign and verify tokens with Node.js's `jose`, independently of PyJWT."""

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

from tests.helpers.prerequisites import skip_or_fail

FOLDER = Path(__file__).parent / "node"
INSTALL_HINT = (
    "no Node.js with jose: `make test` as root on Debian installs it; elsewhere install Node.js 18 or newer, "
    "then run `npm install` in tests/helpers/node"
)
SECONDS = 60


def node() -> str:
    """The path of Node.js.

    Without Node.js or jose the test is skipped, or fails in continuous integration.
    """
    program = next(filter(None, map(shutil.which, ("node", "nodejs"))), None)
    if program is None or not (FOLDER / "node_modules" / "jose" / "package.json").exists():
        skip_or_fail(INSTALL_HINT)
    return program


def run(script: str, job: dict[str, Any]) -> Any:
    """Run tests/helpers/node/`script` with the job as JSON on standard input.

    Returns the JSON that it prints.
    """
    completed = subprocess.run(
        [node(), str(FOLDER / script)],
        input=json.dumps(job),
        capture_output=True,
        text=True,
        timeout=SECONDS,
    )
    assert completed.returncode == 0, completed.stderr
    return json.loads(completed.stdout)
