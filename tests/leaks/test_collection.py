"""Real servers and commands record their secrets, and what they write to the terminal."""

import json
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import PASSWORD as TYPED
from tests.helpers.server import Server, running
from tests.leaks.collection import IN_PROGRAMS, OUTPUTS, VARIABLE, open_collection, read_secrets
from tests.leaks.places import AUDIT_KEY, LINK_CODE, PASSWORD, SIGNING_KEY
from tests.leaks.plugin import STARTUP

WRONG = "not the password of anybody"


@pytest.fixture
def server(tmp_path: Path, unsearched_folder: Path) -> Iterator[Server]:
    collecting = {VARIABLE: str(unsearched_folder), "PYTHONPATH": str(STARTUP)}
    with running(tmp_path, DAYPASS_WORKERS="1", **collecting) as server:
        yield server


def test_a_real_server_and_a_command_record_their_secrets(server: Server, unsearched_folder: Path) -> None:
    server.command("user", "add", "alice", "--password-stdin", stdin=TYPED)
    token = server.sign_in("alice", TYPED)
    wrong = json.dumps({"username": "alice", "password": WRONG}).encode()
    assert server.request("POST", "/login", {"Content-Type": "application/json"}, wrong).status == 401
    recorded = defaultdict(set)
    for secret in read_secrets(unsearched_folder):
        assert secret.process == IN_PROGRAMS
        recorded[secret.kind].add(secret.value.decode("latin-1"))
    assert recorded[PASSWORD] == {TYPED, WRONG}
    assert recorded["session token"] == {token}
    assert recorded[LINK_CODE] == {server.setup_link.partition("code=")[2]}
    assert recorded["secret_key"] == {(server.folder / "secret_key").read_text().strip()}
    assert len(recorded[SIGNING_KEY]) == len(recorded[AUDIT_KEY]) == 1
    assert "Added alice." in recorded_output(unsearched_folder, "terminal-user-add")
    assert '"event": "sign_in"' in recorded_output(unsearched_folder, "log")
    assert "'alice'" in recorded_output(unsearched_folder, "rows-accounts")


def recorded_output(folder: Path, kind: str) -> str:
    return "".join(file.read_text() for file in (folder / OUTPUTS / kind).iterdir())


def test_without_the_variable_there_is_no_collection(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, "")
    assert open_collection() is None
    monkeypatch.delenv(VARIABLE)
    assert open_collection() is None
