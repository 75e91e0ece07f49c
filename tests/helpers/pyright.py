"""Check types with pyright, the type checker of many editors."""

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from tests.helpers.node_packages import FOLDER, node
from tests.helpers.project import ROOT

SECONDS = 120


@dataclass(frozen=True)
class Finding:
    """What pyright says of a line. severity: `error`, `warning` or `information`."""

    severity: str
    message: str


def check_types(path: Path) -> list[Finding]:
    """What pyright says of a file, or of all files of a folder."""
    program = FOLDER / "node_modules" / "pyright" / "index.js"
    options = ["--outputjson", "--pythonpath", sys.executable, str(path)]
    done = subprocess.run(
        [node("pyright"), str(program), *options], cwd=ROOT, capture_output=True, text=True, timeout=SECONDS
    )
    report = json.loads(done.stdout)
    assert report["summary"]["filesAnalyzed"] > 0
    return [Finding(found["severity"], found["message"]) for found in report["generalDiagnostics"]]
