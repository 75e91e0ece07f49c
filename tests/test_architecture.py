"""Imports follow the order in docs/architecture.md."""

import ast
import re
from collections.abc import Iterator, Mapping
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

from tests.helpers.imports import imported_names
from tests.helpers.project import ROOT

MAP = (ROOT / "docs" / "architecture.md").read_text()
PUBLIC = {"errors", "extension", "web"}  # whose names `daypass` itself has
MAX_MODULES = 10  # directly in daypass/
MAX_CHAIN = 14  # modules, each of which imports the next
WITH_JWT = {"tokens", "keys", "lab"}
FRAMEWORKS = {
    "flask": {"web", "extension", "compat", "testing", "pytest_plugin", "program", "app"},
    "jwt": WITH_JWT,
}


def import_order() -> list[str]:
    """The order of the packages, from left to right."""
    found = re.search(r"^`(errors \| .*)`$", MAP, re.MULTILINE)
    assert found, "docs/architecture.md has no import order"
    return found[1].split(" | ")


ORDER = import_order()


def sources() -> Iterator[tuple[str, Path]]:
    """Every module, with the package or module of the order that it belongs to."""
    yield "app", ROOT / "app.py"
    for path in sorted((ROOT / "daypass").rglob("*.py")):
        yield path.relative_to(ROOT / "daypass").parts[0].removesuffix(".py"), path


SOURCES = [pytest.param(package, path, id=str(path.relative_to(ROOT))) for package, path in sources()]


def module_name(path: Path) -> str:
    """The full name of a module: that of its package for an `__init__.py`."""
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def import_graph() -> dict[str, set[str]]:
    """Every module, with the modules of the project that it imports."""
    known = {module_name(path): path for _, path in sources()}
    graph: dict[str, set[str]] = {}
    for module, path in known.items():
        names = imported_names(path.read_text())
        graph[module] = {name if name in known else name.rpartition(".")[0] for name in names} & known.keys()
    return graph


def longest_chain(graph: Mapping[str, set[str]]) -> list[str]:
    """The longest chain of imports. Raises CycleError if imports form a circle."""
    chains: dict[str, list[str]] = {}
    for module in TopologicalSorter(graph).static_order():
        below = [chains[other] for other in sorted(graph.get(module, ()))]
        chains[module] = [module, *max(below, key=len, default=[])]
    return max(chains.values(), key=len)


def violations(package: str, source: str) -> list[str]:
    """The imports of a source that the order forbids."""
    return [name for name in imported_names(source) if not _allowed(package, name.split("."))]


def _allowed(package: str, name: list[str]) -> bool:
    match name:
        case ["", *_]:
            return False  # relative imports
        case [framework, *_] if framework in FRAMEWORKS:
            return package in FRAMEWORKS[framework]
        case ["app", *_] | ["daypass"]:
            return False
        case ["daypass", other, *rest]:
            inside = package == other and bool(rest) and (ROOT / "daypass" / package).is_dir()
            return other in ORDER and (inside or ORDER.index(other) < ORDER.index(package))
    return True


@pytest.mark.parametrize(("package", "path"), SOURCES)
def test_imports_go_from_right_to_left(package: str, path: Path) -> None:
    if package == "__init__":
        assert {
            name.split(".")[1] for name in imported_names(path.read_text()) if name.startswith("daypass.")
        } == PUBLIC
    else:
        assert package in ORDER
        assert violations(package, path.read_text()) == []


def test_the_order_names_every_package_once() -> None:
    assert len(ORDER) == len(set(ORDER))
    assert set(ORDER) == {package for package, _ in sources()} - {"__init__"}


def test_the_map_names_every_package() -> None:
    for package in ORDER:
        assert re.search(rf"^ *{package}(/|\.py) ", MAP, re.MULTILINE), package


def test_few_modules_stand_directly_in_the_package() -> None:
    assert len(list((ROOT / "daypass").glob("*.py"))) <= MAX_MODULES


def test_no_chain_of_imports_is_long() -> None:
    """To shorten a chain, pass what a helper needs as an argument."""
    chain = longest_chain(import_graph())
    shown = "\n  imports ".join(chain)
    assert len(chain) <= MAX_CHAIN, f"a chain of {len(chain)} modules, {MAX_CHAIN} at most may be:\n{shown}"


def test_the_longest_chain_is_found() -> None:
    assert longest_chain({"a": {"b", "d"}, "b": {"c"}, "c": {"e"}, "d": {"e"}}) == ["a", "b", "c", "e"]
    with pytest.raises(CycleError):
        longest_chain({"a": {"b"}, "b": {"a"}})


def test_the_graph_has_every_way_of_importing() -> None:
    graph = import_graph()
    assert "daypass.background" in graph["daypass.extension"]  # from a package
    assert "daypass.cli" in graph["daypass.extension"]  # a package
    assert "daypass.runtime" in graph["daypass.web.context"]  # a name of a module


def test_each_package_says_what_belongs_there() -> None:
    for path in (ROOT / "daypass").rglob("__init__.py"):
        text = ast.get_docstring(ast.parse(path.read_text()))
        assert text, path
        assert 1 <= len(re.findall(r"[.:](?:\s|$)", text)) <= 3, path


def test_every_module_that_the_map_names_exists() -> None:
    text = MAP.partition("## Requests, step by step")[2]
    named = re.findall(r"`((?:[a-z_]+/)+[a-z_]+)`", text)
    assert len(named) > 20
    assert [name for name in named if not (ROOT / "daypass" / f"{name}.py").exists()] == []


@pytest.mark.parametrize(
    ("package", "source"),
    [
        ("errors", "from daypass.keys.algorithms import Algorithm"),
        ("tokens", "from daypass.accounts import names"),
        ("tokens", "import daypass.gate"),
        ("accounts", "def f():\n    from daypass.web.pages.home import pages"),
        ("gate", "from daypass.gate import Gate"),
        ("web", "from app import create_app"),
        ("cli", "import app"),
        ("web", "from . import gate"),
        ("web", "from ..gate import Gate"),
        ("web", "from daypass.unheard_of import x"),
        ("app", "import daypass"),
        ("accounts", "from flask import request"),
        ("cli", "from flask.cli import AppGroup"),
        ("gate", "import flask.globals"),
        ("web", "import jwt"),
        ("gate", "from jwt.utils import base64url_decode"),
        ("web", "if TYPE_CHECKING:\n    from daypass.cli import users"),
    ],
)
def test_an_import_that_goes_the_other_way_is_found(package: str, source: str) -> None:
    assert len(violations(package, source)) == 1


@pytest.mark.parametrize(
    ("package", "source"),
    [
        ("program", "from daypass import extension"),
        ("web", "from daypass.web.sign_in import start_session"),
        ("web", "from daypass.throttling.errors import Busy"),
        ("tokens", "import jwt\nimport jwt.utils"),
        ("web", "from flask import request"),
        ("errors", "import flaskette, enum\nfrom application import x"),
    ],
)
def test_an_import_that_goes_left_is_allowed(package: str, source: str) -> None:
    assert violations(package, source) == []
