"""The project's root folder, and copies of the project."""

import shutil
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
NOT_COPIED = shutil.ignore_patterns(".*", "__pycache__", "node_modules", "sbom.json")
COPY = "copy-of-daypass"
NODE_MODULES = "tests/helpers/node/node_modules"


def copy_project(folder: Path) -> Path:
    """Copy what the server and tests need into a new folder below this one, and return that."""
    copy = folder / COPY
    shutil.copytree(ROOT, copy, ignore=NOT_COPIED)
    if (ROOT / NODE_MODULES).exists():
        (copy / NODE_MODULES).symlink_to(ROOT / NODE_MODULES)
    return copy
