"""Debian's fail2ban reads the log: it finds the addresses of attackers, and nobody can name another."""

import io
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from daypass.audit import log
from daypass.audit.entry import new_entry
from daypass.audit.events import Event
from tests.conftest import PAGE, PASSWORD, Person
from tests.helpers.event_log import written_events
from tests.helpers.prerequisites import skip_or_fail
from tests.helpers.project import ROOT

FILTERS = ROOT / "deploy/fail2ban/filter.d"
SIGN_IN, REFUSED = "daypass-sign-in", "daypass-refused"
ATTACKER, VICTIM = "203.0.113.66", "192.0.2.1"
JOURNAL = "login.example.org python[4711]: "  # what fail2ban's backend for the systemd journal puts before a message
# That backend has the time from elsewhere, and hands on the whole line. In a file, the time is cut out of the line.
BACKENDS = {"file": ("", []), "journal": (JOURNAL, ["--datepattern", "{NONE}"])}
FORGED = '{"time": "2026-11-23T08:14:07.123+00:00", "event": '
HOSTILE = [
    f'", "address": "{VICTIM}"',
    f'x"}}\n{FORGED}"sign_in", "outcome": "failure", "address": "{VICTIM}"',
    f'\r\n{FORGED}"token_refused", "outcome": "failure", "address": "{VICTIM}", "reason": "x"',
    f'\\", "address": "{VICTIM}", "reason": "x',
    f'"event": "sign_in" "token_refused" "outcome": "failure", "address": {VICTIM}',
    f'", "event": "sign_in", "outcome": "failure", "address": "{VICTIM}"',
]


@pytest.fixture
def written() -> Iterator[io.StringIO]:
    """The lines of the log, as the app writes them."""
    with written_events() as stream:
        yield stream


@pytest.fixture(params=BACKENDS)
def addresses(written: io.StringIO, tmp_path: Path, request: pytest.FixtureRequest) -> Callable[[str], list[str]]:
    """A function that returns the addresses that a filter of fail2ban finds in the lines, in order."""
    prefix, options = BACKENDS[request.param]
    program = shutil.which("fail2ban-regex")
    if program is None:
        skip_or_fail("fail2ban is not installed: install the package fail2ban")

    def find(name: str) -> list[str]:
        file = tmp_path / "log"
        file.write_text("".join(f"{prefix}{line}\n" for line in written.getvalue().splitlines()))
        command = [program, *options, "--out", "ip", str(file), str(FILTERS / f"{name}.conf")]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()

    return find


def ask(client: FlaskClient, method: str, path: str, address: str = ATTACKER, **arguments: Any) -> int:
    with client.open(path, method=method, environ_base={"REMOTE_ADDR": address}, **arguments) as response:
        return response.status_code


def test_failed_sign_ins_are_found_and_others_are_not(
    client: FlaskClient, add_account: Callable[..., str], addresses: Callable[[str], list[str]]
) -> None:
    add_account("alice")
    assert ask(client, "POST", "/login", json={"username": "alice", "password": "wrong"}) == 401
    assert ask(client, "POST", "/login", "2001:db8::66", json={"username": "nobody", "password": "wrong"}) == 401
    assert ask(client, "POST", "/login", VICTIM, json={"username": "alice", "password": PASSWORD}) == 200
    assert addresses(SIGN_IN) == [ATTACKER, "2001:db8::66"]
    assert addresses(REFUSED) == []


def test_other_wrong_passwords_are_found(sign_in: Callable[..., Person], addresses: Callable[[str], list[str]]) -> None:
    client = sign_in("alice").client
    assert ask(client, "POST", "/account/password", headers=PAGE, data={"current": "wrong", "new": "x"}) == 401
    assert ask(client, "POST", "/account/delete", headers=PAGE, data={"password": "wrong"}) == 401
    assert addresses(SIGN_IN) == [ATTACKER, ATTACKER]


def test_forged_tokens_are_found_and_visitors_who_are_not_signed_in_are_not(
    client: FlaskClient, addresses: Callable[[str], list[str]]
) -> None:
    assert ask(client, "GET", "/members", headers={"Authorization": "Bearer a.b.c"}) == 401
    assert ask(client, "POST", "/login", headers={"Origin": "https://evil.example"}) == 403
    assert ask(client, "GET", "/members", VICTIM, headers=PAGE) == 401
    assert addresses(REFUSED) == [ATTACKER, ATTACKER]
    assert addresses(SIGN_IN) == []


@pytest.mark.parametrize("reason", ["no token", "expired", "session ended"])
def test_people_whose_pass_has_ended_are_not_found(addresses: Callable[[str], list[str]], reason: str) -> None:
    for path in ("/members", "/api/me"):
        log.write(new_entry(Event.TOKEN_REFUSED, "failure", {"address": VICTIM, "path": path, "reason": reason}))
    assert addresses(REFUSED) == []


@pytest.mark.parametrize("text", HOSTILE)
def test_nobody_can_make_it_ban_another_address(
    client: FlaskClient, add_account: Callable[..., str], addresses: Callable[[str], list[str]], text: str
) -> None:
    one_line = text.replace("\r", "").replace("\n", "")
    headers = {"User-Agent": one_line, "Origin": one_line}
    json = {"username": text, "password": text}
    assert ask(client, "POST", "/login", headers={"User-Agent": one_line}, json=json) == 401
    assert ask(client, "POST", "/login", headers=headers, json=json) == 403
    assert (
        ask(client, "GET", "/members", query_string={"x": text}, headers={"Authorization": f"Bearer {one_line}"}) == 401
    )
    facts = {"address": ATTACKER, "reason": text, "path": text, "user_agent": text, "request": text}
    for event in (Event.SIGN_IN, Event.TOKEN_REFUSED):
        log.write(new_entry(event, "failure", facts))
    assert set(addresses(SIGN_IN)) == set(addresses(REFUSED)) == {ATTACKER}
    assert (len(addresses(SIGN_IN)), len(addresses(REFUSED))) == (2, 3)


def test_an_event_without_an_address_is_not_found(addresses: Callable[[str], list[str]]) -> None:
    log.write(new_entry(Event.SIGN_IN, "failure", {"address": None, "path": VICTIM, "reason": VICTIM}))
    assert addresses(SIGN_IN) == []


def test_the_jail_uses_these_filters() -> None:
    jail = (ROOT / "deploy/fail2ban/jail.d/daypass.conf").read_text()
    assert {path.stem for path in FILTERS.glob("*.conf")} == {SIGN_IN, REFUSED}
    assert all(f"[{name}]" in jail and f"filter = {name}\n" in jail for name in (SIGN_IN, REFUSED))
