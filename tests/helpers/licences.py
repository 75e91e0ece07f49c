"""The licences of what Daypass is installed with, as docs/licences.md lists them.

`python -m tests.helpers.licences` prints the document.
"""

import json
import re
import subprocess
import sys

from tests.helpers.project import ROOT

HEADING = """# Licences

Daypass itself is under the [licence of this repository](../LICENSE). `requirements.lock` installs these packages with
it. `make licences` writes this list again.

| package | version | licence |
|---|---|---|
"""
PINNED = re.compile(r"^([a-z0-9-]+)==(\S+)(?: ; (.*?))? \\$", re.MULTILINE)


def locked(lock: str = "requirements.lock") -> dict[str, str]:
    """The packages of a lock file that are installed on this platform, with their versions."""
    found = PINNED.findall((ROOT / lock).read_text())
    return {name: version for name, version, condition in found if "sys_platform == 'win32'" not in condition}


def document() -> str:
    """The content of docs/licences.md."""
    names = sorted(locked())
    listed = subprocess.run(
        [sys.executable, "-m", "piplicenses", "--format=json", "--from=mixed", "--packages", *names],
        check=True,
        capture_output=True,
        text=True,
    )
    rows = {
        normalized(row["Name"]): f"| {row['Name']} | {row['Version']} | {row['License']} |"
        for row in json.loads(listed.stdout)
    }
    return HEADING + "\n".join(rows[name] for name in names) + "\n"


def normalized(name: str) -> str:
    """The name of a package as package indexes compare it (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()


if __name__ == "__main__":
    sys.stdout.write(document())
