"""Sign and verify tokens with Node.js's `jose`, independently of PyJWT."""

import json
import subprocess
from typing import Any

from tests.helpers.node_packages import FOLDER, node

SECONDS = 60


def run(script: str, job: dict[str, Any]) -> Any:
    """Run tests/helpers/node/`script` with the job as JSON on standard input.

    Returns the JSON that it prints.
    """
    completed = subprocess.run(
        [node("jose"), str(FOLDER / script)],
        input=json.dumps(job),
        capture_output=True,
        text=True,
        timeout=SECONDS,
    )
    assert completed.returncode == 0, completed.stderr
    return json.loads(completed.stdout)
