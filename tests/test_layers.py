"""The layers: which module may import which, read from the source and held to design.md."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent

# From top to bottom: each module may import what stands to its right or below. A package counts as one module.
LAYERS = [
    ["app"],
    ["starting", "cli", "views", "setup_link"],
    [
        "web",
        "checks",
        "request_body",
        "server",
        "trial",
        "gate",
        "edge",
        "answers",
        "renewal",
        "fresh",
        "entering",
        "forms",
        "cookies",
        "chores",
        "server_log",
        "events",
        "proxies",
    ],
    ["extensions", "migrations"],
    [
        "doctor",
        "gallery",
        "rulebook",
        "rules_file",
        "accounts",
        "admins",
        "setup_state",
        "keystore",
        "rotation",
        "sessions",
        "revocation",
    ],
    [
        "mirror",
        "remembered",
        "turns",
        "seen",
        "watch",
        "scopes",
        "tokens",
        "lab",
        "database",
        "models",
        "reasons",
        "access",
        "patterns",
        "toml_lines",
    ],
    [
        "body_reader",
        "cookie_header",
        "settings",
        "secret_file",
        "urls",
        "locations",
        "passwords",
        "fair_queue",
        "values",
        "keys",
        "site",
        "rosette",
        "reserved_names",
    ],
    ["unicode_paths"],
    ["errors"],
]
PACKAGES = {"web", "views", "cli", "lab", "gallery", "doctor"}
ORDER = [module for layer in LAYERS for module in layer]
WITH_FLASK = {module for layer in LAYERS[:3] for module in layer} | {"extensions"}
WITH_JWT = {"tokens", "lab"}


def sources() -> Iterator[tuple[str, Path]]:
    """Every module, under the name that it has in the layers."""
    yield "app", ROOT / "app.py"
    for path in sorted((ROOT / "daypass").rglob("*.py")):
        inside = path.relative_to(ROOT / "daypass")
        yield inside.parts[0].removesuffix(".py"), path


SOURCES = [pytest.param(module, path, id=str(path.relative_to(ROOT))) for module, path in sources()]


def imported(source: str) -> Iterator[str]:
    """The full name of all that a source imports, wherever in it the import stands."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            before = "." * node.level + (node.module or "")
            yield from (f"{before}.{alias.name}" for alias in node.names)


def faults(module: str, source: str) -> list[str]:
    """What a module imports and may not."""
    return [name for name in imported(source) if not _allowed(module, name.split("."))]


def _allowed(module: str, name: list[str]) -> bool:
    match name:
        case ["", *_]:
            return False  # a relative import: say in full what is meant
        case ["flask" | "flask_sqlalchemy_lite" | "flask_alembic", *_]:
            return module in WITH_FLASK
        case ["jwt", *_]:
            return module in WITH_JWT
        case ["app", *_]:
            return False
        case ["daypass"]:
            return False
        case ["daypass", other, *_]:
            return other in ORDER and (_stands_above(module, other) or (module == other and module in PACKAGES))
    return True


def _stands_above(module: str, other: str) -> bool:
    return ORDER.index(module) < ORDER.index(other)


@pytest.mark.parametrize(("module", "path"), SOURCES)
def test_every_module_has_its_place(module: str, path: Path) -> None:
    if module == "__init__":
        assert list(imported(path.read_text())) == []
    else:
        assert module in ORDER


@pytest.mark.parametrize(("module", "path"), SOURCES)
def test_imports_go_one_way(module: str, path: Path) -> None:
    if module != "__init__":
        assert faults(module, path.read_text()) == []


def test_every_place_has_its_module() -> None:
    assert len(ORDER) == len(set(ORDER))
    assert set(ORDER) == {module for module, _ in sources()} - {"__init__"}


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("errors", "from daypass.keys import Algorithm"),
        ("tokens", "from daypass import accounts"),
        ("tokens", "import daypass.gate"),
        ("accounts", "def f():\n    from daypass.views.home import pages"),
        ("database", "from daypass import models, remembered"),
        ("gate", "from daypass.gate import entered"),
        ("views", "from app import create_app"),
        ("cli", "import app"),
        ("views", "from . import home"),
        ("views", "from ..gate import holder"),
        ("views", "from daypass.unheard_of import x"),
        ("app", "import daypass"),
        ("accounts", "from flask import request"),
        ("keystore", "import flask.globals"),
        ("sessions", "from flask_sqlalchemy_lite import SQLAlchemy"),
        ("views", "import jwt"),
        ("gate", "from jwt.utils import base64url_decode"),
        ("gate", "if TYPE_CHECKING:\n    from daypass.cli import user"),
    ],
)
def test_an_import_that_goes_the_other_way_is_found(module: str, source: str) -> None:
    assert len(faults(module, source)) == 1


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("app", "from daypass import cli, views"),
        ("views", "from daypass.views.entering import enter"),
        ("views", "from daypass import gate\nfrom daypass.errors import Busy"),
        ("tokens", "import jwt\nimport jwt.utils"),
        ("gate", "from flask import request"),
        ("errors", "import flaskette, enum\nfrom application import x"),
    ],
)
def test_an_import_that_goes_down_is_none(module: str, source: str) -> None:
    assert faults(module, source) == []
