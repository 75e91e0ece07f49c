"""Other services verify passes with the code of docs/keys.md."""

import re
import select
import subprocess
import sys
import time
from base64 import urlsafe_b64decode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO

import pytest

from daypass.keys.algorithms import Algorithm
from tests.conftest import PASSWORD
from tests.helpers.code_blocks import code_blocks
from tests.helpers.factories import add_account, app_on_database_of
from tests.helpers.keys import rotate_keys
from tests.helpers.node_jose import SECONDS
from tests.helpers.node_packages import FOLDER, node
from tests.helpers.rounds import variants
from tests.helpers.server import Server, running
from tests.helpers.tokens import tampered

COOLDOWN = 1.0  # seconds between two fetches of the key set, set in docs/keys.md
MAIN_LOOPS = {
    "python": """
import sys
for line in sys.stdin:
    try:
        print("valid", claims_of(line.strip())["name"], flush=True)
    except jwt.PyJWTError as error:
        print("invalid", type(error).__name__, flush=True)
""",
    "js": """
import { createInterface } from "node:readline";
for await (const line of createInterface({ input: process.stdin })) {
  console.log(await claimsOf(line).then((claims) => `valid ${claims.name}`, (error) => `invalid ${error.code}`));
}
""",
}


def code(language: str) -> str:
    """The code in docs/keys.md that verifies a pass in this language."""
    (code,) = [block for block in code_blocks("docs/keys.md", language) if "jwks.json" in block]
    return code


@dataclass
class Service:
    """Another service, which runs the code of docs/keys.md."""

    process: "subprocess.Popen[str]"

    def verdict(self, token: str) -> str:
        """The service's verdict: `valid` and the name, or `invalid` and why."""
        stdin, stdout = pipes(self.process)
        stdin.write(f"{token}\n")
        stdin.flush()
        ready, _, _ = select.select([stdout], [], [], SECONDS)
        assert ready, "no response in time"
        return stdout.readline().strip()


def pipes(process: "subprocess.Popen[str]") -> tuple[IO[str], IO[str]]:
    assert process.stdin
    assert process.stdout
    return process.stdin, process.stdout


@contextmanager
def service(language: str, server: Server) -> Iterator[Service]:
    program = (code(language) + MAIN_LOOPS[language]).replace("https://login.example.org", server.url)
    command = [sys.executable, "-c"] if language == "python" else [node("jose"), "--input-type=module", "-e"]
    with subprocess.Popen(
        [*command, program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=FOLDER
    ) as process:
        yield Service(process)
        pipes(process)[0].close()


@pytest.fixture(scope="module", params=variants(["RS256", "ES256", "EdDSA"], quick=1))
def server(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, password_hash: str
) -> Iterator[Server]:
    with running(tmp_path_factory.mktemp("jwks"), DAYPASS_ALGORITHM=request.param) as server:
        add_account(server, password_hash, "alice")
        yield server


@pytest.fixture(params=["python", "js"])
def elsewhere(request: pytest.FixtureRequest, server: Server) -> Iterator[Service]:
    with service(request.param, server) as running_service:
        yield running_service


def unsigned(token: str) -> str:
    return f"eyJhbGciOiJub25lIn0.{token.split('.')[1]}."


def test_another_service_accepts_a_pass_and_refuses_a_changed_one(server: Server, elsewhere: Service) -> None:
    token = server.sign_in("alice", PASSWORD)
    assert elsewhere.verdict(token) == "valid alice"
    assert elsewhere.verdict(tampered(token)).startswith("invalid ")
    assert elsewhere.verdict(unsigned(token)).startswith("invalid ")
    assert elsewhere.verdict(token) == "valid alice"


@pytest.fixture(scope="session")
def tokens_of_another_site(tmp_path_factory: pytest.TempPathFactory, password_hash: str) -> tuple[str, str]:
    """A session token and the token of a reset link."""
    with running(tmp_path_factory.mktemp("other"), DAYPASS_ALGORITHM="ES256") as other:
        add_account(other, password_hash, "alice")
        reset_link = other.command("user", "reset", "alice")
        return other.sign_in("alice", PASSWORD), re.findall(r"token=(\S+)", reset_link)[0]


def test_another_service_refuses_tokens_of_another_site_or_purpose(
    elsewhere: Service, tokens_of_another_site: tuple[str, str]
) -> None:
    for token in tokens_of_another_site:
        assert elsewhere.verdict(token).startswith("invalid ")


def test_another_service_finds_a_new_key_and_still_accepts_the_former_keys_passes(
    server: Server, elsewhere: Service
) -> None:
    before = server.sign_in("alice", PASSWORD)
    assert elsewhere.verdict(before) == "valid alice"
    time.sleep(COOLDOWN)
    with app_on_database_of(server) as app:
        rotate_keys(app, Algorithm.EDDSA)
    after = server.sign_in("alice", PASSWORD)
    assert b"EdDSA" in urlsafe_b64decode(after.split(".")[0] + "==")
    assert [elsewhere.verdict(token) for token in (after, before)] == ["valid alice"] * 2
