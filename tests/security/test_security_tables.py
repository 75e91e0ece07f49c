"""SECURITY.md's tables of routes and of events are those of the code."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask

from daypass.audit.events import Event
from tests.conftest import PAGE, Person
from tests.helpers.project import ROOT

SECURITY = (ROOT / "SECURITY.md").read_text()
FOLDER = "DAYPASS_SITE"  # what a row about the folder's own pages names in its first cell
FIXED = ("/healthz", "/readyz", "/.well-known/", "/gate/")  # where other programs look for them, with a folder too
ASKED = "Confirm your password"


def section(heading: str) -> str:
    """The text of a section, up to the next heading."""
    found = re.search(rf"^## {re.escape(heading)}\n(.*?)^## ", SECURITY, re.DOTALL | re.MULTILINE)
    assert found, f"SECURITY.md has no section {heading!r}"
    return found[1]


@dataclass(frozen=True)
class Row:
    """One route of a row in the table."""

    path: str
    method: str
    who: str
    password: str
    of_folder: bool


def table() -> Iterator[Row]:
    for line in section("Who may do what").splitlines():
        if line.startswith("| `/"):
            routes, methods, who, password = (cell.strip() for cell in line.strip("|").split("|"))
            for path in re.findall(r"`(/[^`]*)`", routes):
                for method in methods.split(", "):
                    yield Row(path, method, who, password, FOLDER in routes)


TABLE = list(table())


def routes(app: Flask) -> dict[tuple[str, str], str]:
    """Path and method of every route, and for whom it is: `admin`, `anyone signed in` or `open`."""
    return {
        (rule.rule, method): getattr(app.view_functions[rule.endpoint], "required_role", "open")
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }


def documented(prefix: str) -> dict[tuple[str, str], Row]:
    """The table's rows under the paths that they have in an app, which has a folder where there is a prefix."""
    own = [row for row in TABLE if not row.of_folder]
    found = {(row.path if row.path.startswith(FIXED) else prefix + row.path, row.method): row for row in own}
    return found | ({(row.path, row.method): row for row in TABLE if row.of_folder} if prefix else {})


def differences(app: Flask, prefix: str) -> list[str]:
    """What to do to the table so that it has each route once, with the right people."""
    told, there = documented(prefix), routes(app)
    where = 'the table of "Who may do what" in SECURITY.md'
    missing = [
        f"add to {where}: | `{path.removeprefix(prefix)}` | {method} | {there[path, method]} | |"
        for path, method in there - told.keys()
    ]
    gone = [
        f"take out of {where}, since no app has it: `{path}` {method}" for path, method in told.keys() - there.keys()
    ]
    wrong = [
        f"say in {where} that `{path}` {method} is for {there[path, method]}, and not for: {row.who}"
        for (path, method), row in told.items()
        if (path, method) in there and _told_for(row.who) != there[path, method]
    ]
    return sorted(missing + gone + wrong)


def _told_for(who: str) -> str:
    """Whom a cell lets in, in the words of `gated_for`."""
    return next((gate for gate in ("admin", "anyone signed in") if who.startswith(gate)), "open")


def test_no_route_is_missing_in_the_table(app: Flask) -> None:
    found = differences(app, "")
    assert not found, "\n".join(found)


class TestBesideAFolder:
    """The same routes under `/-`, and those of the folder."""

    @pytest.fixture
    def environ(self, environ: dict[str, str], tmp_path: Path) -> dict[str, str]:
        (tmp_path / "public").mkdir()
        return environ | {"DAYPASS_SITE": str(tmp_path / "public")}

    def test_no_route_is_missing_in_the_table(self, app: Flask) -> None:
        found = differences(app, "/-")
        assert not found, "\n".join(found)


def test_a_difference_would_have_been_told(app: Flask) -> None:
    app.add_url_rule("/new", "new", lambda: "", methods=["PUT"])
    (told,) = differences(app, "")
    assert "add to" in told
    assert "| `/new` | PUT | open | |" in told


ACTS = sorted({(row.path, row.password) for row in TABLE if row.method == "POST" and _told_for(row.who) != "open"})


def test_the_table_has_both_kinds_of_acts() -> None:
    assert sum(password == "yes" for _, password in ACTS) >= 9
    assert any(password == "" for _, password in ACTS)


@pytest.mark.parametrize(("path", "password"), ACTS)
def test_the_password_is_asked_for_where_the_table_says_so(
    sign_in: Callable[..., Person], path: str, password: str
) -> None:
    alice = sign_in("alice", ["admin"], age=timedelta(minutes=11))
    answer = alice.client.post(re.sub("<.*?>", "0" * 32, path), headers=PAGE)
    assert (answer.status_code == 401 and ASKED in answer.text) == (password == "yes")


def listed_events() -> set[str]:
    found = re.search(r"The events are:(.*?)\.", section("What is logged"), re.DOTALL)
    assert found, 'SECURITY.md, "What is logged", has no sentence that begins with "The events are:"'
    return set(re.findall(r"`(\w+)`", found[1]))


def test_the_list_of_events_is_that_of_the_code() -> None:
    assert listed_events() == {event.value for event in Event}


@pytest.mark.parametrize("event", Event)
def test_each_event_is_recorded_somewhere(event: Event) -> None:
    sources = [path.read_text() for path in (ROOT / "daypass").rglob("*.py")]
    assert any(f"Event.{event.name}" in source for source in sources)
