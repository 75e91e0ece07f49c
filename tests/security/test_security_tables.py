"""SECURITY.md's tables of routes and of audit events agree with the code."""

import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask

from daypass.audit.events import Event
from daypass.settings.definitions import Settings, variables
from daypass.throttling.rate import Rate
from tests.conftest import PAGE, Person
from tests.helpers.project import ROOT
from tests.helpers.security_document import section
from tests.security.route_table import TABLE, documented

PROMPT = "Confirm your password"
INTERVALS = {  # until one more attempt is available, in the words of the table
    "one every 90 seconds": timedelta(seconds=90),
    "one every 3 minutes": timedelta(minutes=3),
    "two a second": timedelta(seconds=0.5),
}


def routes(app: Flask) -> dict[tuple[str, str], str]:
    """Who may use each route: `admin`, `anyone signed in` or `open`."""
    return {
        (rule.rule, method): getattr(app.view_functions[rule.endpoint], "required_role", "open")
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }


def differences(app: Flask, prefix: str) -> list[str]:
    """The changes that the table needs to list each route once, with the right role."""
    listed, actual = documented(prefix), routes(app)
    where = 'the table of "Who may do what" in SECURITY.md'
    missing = [
        f"add to {where}: | `{path.removeprefix(prefix)}` | {method} | {actual[path, method]} | |"
        for path, method in actual - listed.keys()
    ]
    surplus = [
        f"remove from {where}, which no app has: `{path}` {method}" for path, method in listed.keys() - actual.keys()
    ]
    wrong = [
        f"say in {where} that `{path}` {method} is for {actual[path, method]}, and not for: {row.who}"
        for (path, method), row in listed.items()
        if (path, method) in actual and _required_role(row.who) != actual[path, method]
    ]
    return sorted(missing + surplus + wrong)


def _required_role(who: str) -> str:
    """The role that a cell of the table names, in the words of `routes`."""
    return next((gate for gate in ("admin", "anyone signed in") if who.startswith(gate)), "open")


@pytest.fixture
def environ(environ: dict[str, str]) -> dict[str, str]:
    """With the setting that adds a route."""
    return environ | {"DAYPASS_METRICS_TOKEN": "b7c0e64d1f9a823e5d6c4b7f0a98e213"}


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


def test_a_difference_is_reported(app: Flask) -> None:
    app.add_url_rule("/new", "new", lambda: "", methods=["PUT"])
    (difference,) = differences(app, "")
    assert "add to" in difference
    assert "| `/new` | PUT | open | |" in difference


PROTECTED_ACTIONS = sorted(
    {(row.path, row.password) for row in TABLE if row.method == "POST" and _required_role(row.who) != "open"}
)


def test_the_table_has_both_kinds_of_acts() -> None:
    assert sum(password == "yes" for _, password in PROTECTED_ACTIONS) >= 9
    assert any(password == "" for _, password in PROTECTED_ACTIONS)


@pytest.mark.parametrize(("path", "password"), PROTECTED_ACTIONS)
def test_the_password_is_asked_for_where_the_table_says_so(
    sign_in: Callable[..., Person], path: str, password: str
) -> None:
    alice = sign_in("alice", ["admin"], age=timedelta(minutes=11))
    response = alice.client.post(re.sub("<.*?>", "0" * 32, path), headers=PAGE)
    assert (response.status_code == 401 and PROMPT in response.text) == (password == "yes")


def documented_limits() -> dict[str, Rate]:
    """The defaults in the table of limits, by setting: the attempts at once, and the time until the next one."""
    row = r"\| (\d+) [a-z ]+, then ([^(]+) \(`(DAYPASS_LIMIT_\w+)`\) \|"
    found = re.findall(row, section("Password guessing"))
    return {setting: Rate(int(count), int(count) * INTERVALS[interval]) for count, interval, setting in found}


def test_the_documented_limits_are_the_defaults() -> None:
    fields = {name: field for name, (field, _) in variables().items() if name.startswith("DAYPASS_LIMIT_")}
    assert documented_limits() == {name: getattr(Settings(), field) for name, field in fields.items()}


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
