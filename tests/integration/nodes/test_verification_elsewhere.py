"""A pass verified by others, with the code of docs/keys.md: PyJWT and jose, against the running server."""

import re
import select
import subprocess
import sys
import time
from base64 import urlsafe_b64decode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import pytest

from tests.conftest import PASSWORD
from tests.helpers.node_jose import FOLDER, SECONDS, node
from tests.helpers.project import ROOT
from tests.helpers.server import Server, running
from tests.helpers.tokens import tampered

KEYS = (ROOT / "docs/keys.md").read_text()
COOLDOWN = 1.0  # seconds in which they ask once; docs/keys.md sets it
ASKED = {
    "python": """
import sys
for line in sys.stdin:
    try:
        print("good", claims_of(line.strip())["name"], flush=True)
    except jwt.PyJWTError as error:
        print("bad", type(error).__name__, flush=True)
""",
    "js": """
import { createInterface } from "node:readline";
for await (const line of createInterface({ input: process.stdin })) {
  console.log(await claimsOf(line).then((claims) => `good ${claims.name}`, (error) => `bad ${error.code}`));
}
""",
}


def code(language: str) -> str:
    """The code of docs/keys.md in this language that verifies a pass."""
    blocks: list[str] = re.findall(rf"```{language}\n(.*?)```", KEYS, re.DOTALL)
    (found,) = [block for block in blocks if "jwks.json" in block]
    return found


@dataclass
class Service:
    """Another service, which has the code of docs/keys.md."""

    process: "subprocess.Popen[str]"

    def says(self, token: str) -> str:
        """What it makes of a token: `good` and the name, or `bad` and why."""
        told, heard = pipes(self.process)
        told.write(f"{token}\n")
        told.flush()
        ready, _, _ = select.select([heard], [], [], SECONDS)
        assert ready, "no answer in time"
        return heard.readline().strip()


def pipes(process: "subprocess.Popen[str]") -> tuple[IO[str], IO[str]]:
    assert process.stdin
    assert process.stdout
    return process.stdin, process.stdout


@contextmanager
def service(language: str, server: Server) -> Iterator[Service]:
    program = (code(language) + ASKED[language]).replace("https://login.example.org", server.url)
    command = [sys.executable, "-c"] if language == "python" else [node(), "--input-type=module", "-e"]
    with subprocess.Popen(
        [*command, program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=FOLDER
    ) as process:
        yield Service(process)
        pipes(process)[0].close()


@pytest.fixture(scope="module", params=["RS256", "ES256", "EdDSA"])
def server(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with running(tmp_path_factory.mktemp("jwks"), DAYPASS_ALGORITHM=request.param) as server:
        server.flask("user", "add", "alice", "--password-stdin", stdin=PASSWORD)
        yield server


@pytest.fixture(params=["python", "js"])
def elsewhere(request: pytest.FixtureRequest, server: Server) -> Iterator[Service]:
    with service(request.param, server) as found:
        yield found


def unsigned(token: str) -> str:
    return f"eyJhbGciOiJub25lIn0.{token.split('.')[1]}."


def test_a_pass_is_good_elsewhere_and_a_changed_one_is_not(server: Server, elsewhere: Service) -> None:
    token = server.sign_in("alice", PASSWORD)
    assert elsewhere.says(token) == "good alice"
    assert elsewhere.says(tampered(token)).startswith("bad ")
    assert elsewhere.says(unsigned(token)).startswith("bad ")
    assert elsewhere.says(token) == "good alice"


def test_a_pass_of_another_site_or_for_something_else_is_not_good_elsewhere(
    server: Server, elsewhere: Service, tmp_path: Path
) -> None:
    with running(tmp_path, DAYPASS_ALGORITHM="ES256") as other:
        other.flask("user", "add", "alice", "--password-stdin", stdin=PASSWORD)
        assert elsewhere.says(other.sign_in("alice", PASSWORD)).startswith("bad ")
        set_up = other.setup_link.partition("token=")[2]
    assert elsewhere.says(set_up).startswith("bad ")


def test_a_new_key_is_found_elsewhere_and_the_former_ones_passes_stay_good(server: Server, elsewhere: Service) -> None:
    before = server.sign_in("alice", PASSWORD)
    assert elsewhere.says(before) == "good alice"
    time.sleep(COOLDOWN)
    server.flask("keys", "rotate", "--algorithm", "EdDSA")
    after = server.sign_in("alice", PASSWORD)
    assert b"EdDSA" in urlsafe_b64decode(after.split(".")[0] + "==")
    assert [elsewhere.says(token) for token in (after, before)] == ["good alice"] * 2
