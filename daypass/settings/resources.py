"""The folders of templates and static files: inside of an installed package, beside the package in a clone."""

from pathlib import Path

PACKAGE = Path(__file__).resolve().parent.parent
ROOT = PACKAGE if (PACKAGE / "templates").is_dir() else PACKAGE.parent
TEMPLATES, STATIC = ROOT / "templates", ROOT / "static"
