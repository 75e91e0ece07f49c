"""Node.js, and the packages that the tests run in it."""

import shutil
from pathlib import Path

from tests.helpers.prerequisites import skip_or_fail

FOLDER = Path(__file__).parent / "node"
INSTALL_HINT = (
    "no Node.js with {}: `make test` as root on Debian installs it; elsewhere install Node.js 18 or newer, "
    "then run `npm install` in tests/helpers/node"
)


def node(package: str) -> str:
    """The path of Node.js. Without it or the package the test is skipped, or fails in continuous integration."""
    program = next(filter(None, map(shutil.which, ("node", "nodejs"))), None)
    if program is None or not (FOLDER / "node_modules" / package / "package.json").exists():
        skip_or_fail(INSTALL_HINT.format(package))
    return program
