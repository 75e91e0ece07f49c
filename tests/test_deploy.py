"""The systemd unit and the Dockerfile, run as far as possible without them."""

import configparser
import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

import pytest

from daypass.settings.definitions import variables
from deploy.healthy import is_up
from tests.helpers.prerequisites import skip_or_fail
from tests.helpers.project import ROOT
from tests.helpers.server import Server, free_port, running
from tests.helpers.startup import without_file_override

UNIT = ROOT / "deploy" / "daypass.service"
DOCKERFILE = ROOT / "Dockerfile"
# Files of a developer's folder that must not be in an image.
PRIVATE = (
    ".env",
    ".git/config",
    ".venv/pyvenv.cfg",
    "instance/daypass.sqlite3",
    "instance/secret_key",
    "daypass/__pycache__/x.pyc",
    "daypass/web/__pycache__/x.pyc",
    "deploy/daypass.env",
    "rules.toml",
    "tests/test_deploy.py",
)
WITHOUT_EXECUTABLE_MEMORY = """
import ctypes, os, sys
libc = ctypes.CDLL(None)
if libc.prctl(65, 1, 0, 0, 0) or libc.prctl(66, 0, 0, 0, 0) != 1:
    sys.exit(f"no PR_SET_MDWE here")
os.execvp(sys.argv[1], sys.argv[1:])
"""


def instructions() -> list[tuple[str, str]]:
    """The instructions of the Dockerfile, each with its arguments on one line."""
    lines = [line for line in DOCKERFILE.read_text().splitlines() if not line.startswith("#")]
    joined = "\n".join(lines).replace("\\\n", " ")
    return [(word, rest.strip()) for word, _, rest in (line.partition(" ") for line in joined.splitlines()) if word]


def all_of(instruction: str) -> list[str]:
    return [rest for word, rest in instructions() if word == instruction]


def one_of(instruction: str) -> str:
    (rest,) = all_of(instruction)
    return rest


def is_in_build_context(path: str) -> bool:
    """Whether .dockerignore lets a file into the build: the last match decides."""
    within = [path, *(str(parent) for parent in PurePosixPath(path).parents)]
    ignored = False
    for line in (ROOT / ".dockerignore").read_text().splitlines():
        if line and not line.startswith("#"):
            pattern = as_expression(line.removeprefix("!").removesuffix("/"))
            if any(pattern.fullmatch(name) for name in within):
                ignored = not line.startswith("!")
    return not ignored


def as_expression(glob: str) -> re.Pattern[str]:
    """The pattern as Docker reads it: `**/` is any folders, `*` has no slash."""
    parts = re.split(r"(\*\*/|\*)", glob)
    return re.compile("".join({"**/": "(?:.*/)?", "*": "[^/]*"}.get(part) or re.escape(part) for part in parts))


def sources() -> list[str]:
    return [line.split()[0] for line in all_of("COPY")]


def copied(source: str) -> list[str]:
    """The files that a COPY instruction adds to the image."""
    start = ROOT / source
    found = [start] if start.is_file() else [path for path in start.rglob("*") if path.is_file()]
    return [name for name in (str(path.relative_to(ROOT)) for path in found) if is_in_build_context(name)]


@pytest.fixture
def image(tmp_path: Path) -> Iterator[Path]:
    """The image's folder /app, read-only: what COPY and .dockerignore let in."""
    app = tmp_path / "app"
    (app / "instance").mkdir(parents=True)
    for source, target in (line.split() for line in all_of("COPY")):
        above = PurePosixPath(source) if source.endswith("/") else PurePosixPath(source).parent
        for name in copied(source):
            place = app / target / PurePosixPath(name).relative_to(above)
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, place)
    read_only = [app, *(path for path in app.rglob("*") if path.name != "instance")]
    for path in read_only:
        path.chmod(0o555 if path.is_dir() else 0o444)
    yield app
    for path in read_only:
        path.chmod(0o755)


def set_in_image() -> dict[str, str]:
    return dict(word.split("=", 1) for line in all_of("ENV") for word in line.split())


class TestDockerfile:
    def test_all_that_is_copied_is_there_and_is_in_build_context(self) -> None:
        assert {source: bool(copied(source)) for source in sources()} == dict.fromkeys(sources(), True)

    def test_nothing_private_is_is_in_build_context(self) -> None:
        assert [path for path in PRIVATE if is_in_build_context(path)] == []
        assert is_in_build_context("daypass/web/pages/home.py") and is_in_build_context("deploy/healthy.py")

    def test_it_installs_what_is_pinned_on_a_python_that_is_named_and_new_enough(self) -> None:
        version = re.fullmatch(r"python:3\.(\d+)-slim-\w+", one_of("FROM"))
        assert version and int(version[1]) >= 11
        assert any("pip install" in run and "--require-hashes -r requirements.lock" in run for run in all_of("RUN"))

    def test_it_does_not_run_as_root_and_nothing_after_that_needs_to(self) -> None:
        words = [word for word, _ in instructions()]
        user = one_of("USER").split(":")[0]
        assert int(user) > 0
        assert re.search(rf"useradd .*--uid {user} .*daypass +&& install -d -o daypass .*/instance$", all_of("RUN")[0])
        assert not {"RUN", "COPY", "ADD"} & set(words[words.index("USER") :])

    def test_its_code_is_compiled_after_it_is_copied_since_its_user_cannot_do_that(self, image: Path) -> None:
        (command,) = [rest for word, rest in instructions() if word == "RUN" and "compileall" in rest]
        lines = [rest for word, rest in instructions() if word in ("COPY", "RUN")]
        assert lines[-1] == command
        for folder in (image, *image.rglob("*/")):
            folder.chmod(0o755)
        environ = os.environ | set_in_image()
        subprocess.run([sys.executable, *command.split()[1:]], cwd=image, env=environ, check=True, timeout=60)
        sources = {path for path in image.rglob("*.py") if path.parent.name != "deploy"}
        assert sources == {Path(importlib.util.source_from_cache(str(path))) for path in image.rglob("*.pyc")}

    def test_the_database_is_in_a_volume(self) -> None:
        assert one_of("VOLUME") == f"{one_of('WORKDIR')}/instance"

    def test_it_sets_only_what_is_a_setting_and_no_secret(self) -> None:
        ours = {name for name in set_in_image() if name.startswith("DAYPASS_")}
        assert ours == {"DAYPASS_HOST", "DAYPASS_PORT"} <= set(variables())
        assert one_of("EXPOSE") == set_in_image()["DAYPASS_PORT"]

    def test_its_command_starts_the_server_in_what_is_copied_and_its_check_sees_it_come_and_go(
        self, image: Path
    ) -> None:
        port = free_port()
        given = {"DAYPASS_PORT": str(port), "DAYPASS_BASE_URL": "https://login.example.org", "DAYPASS_WORKERS": "1"}
        kept = {name: value for name, value in os.environ.items() if not name.startswith("DAYPASS_")}
        environ = kept | set_in_image() | given | {"DAYPASS_HOST": "127.0.0.1"}
        check = one_of("HEALTHCHECK").partition(" CMD ")[2]

        def run(words: str) -> subprocess.Popen[bytes]:
            command = [*without_file_override(), sys.executable, *json.loads(words)[1:]]
            return subprocess.Popen(command, cwd=image, env=environ, start_new_session=True)

        assert run(check).wait(20) == 1
        server = run(one_of("CMD"))
        try:
            for _ in range(60):
                if run(check).wait(20) == 0:
                    break
            else:
                pytest.fail("the server did not come up")
            for path in ("/login", "/static/base.css", "/readyz"):
                assert Server(image, port=port).request("GET", path, {"Host": "login.example.org"}).status == 200
            assert json.loads(check)[0] == json.loads(one_of("CMD"))[0] == "python"
            assert {path.name for path in (image / "instance").iterdir()} >= {"daypass.sqlite3", "secret_key"}
        finally:
            server.terminate()
            server.wait(20)
        assert run(check).wait(20) == 1


class TestHealthCheck:
    def test_it_goes_by_the_name_that_the_server_answers_to(self, tmp_path: Path) -> None:
        with running(tmp_path, DAYPASS_WORKERS="1") as server:
            assert is_up(server.port, f"127.0.0.1:{server.port}")
            assert not is_up(server.port, "login.example.org")

    def test_a_server_that_is_not_there_is_down(self) -> None:
        assert not is_up(free_port(), "127.0.0.1")


class TestUnit:
    @pytest.fixture
    def service(self) -> dict[str, str]:
        """The section Service; of a duplicate key, the last value."""
        read = configparser.RawConfigParser(strict=False)
        read.optionxform = str  # type: ignore[assignment,method-assign]
        read.read_string(UNIT.read_text())
        return dict(read["Service"])

    @pytest.fixture
    def systemd(self) -> str:
        found = shutil.which("systemd-analyze")
        if found is None:
            skip_or_fail("systemd-analyze is not installed")
        return found

    def test_systemd_understands_it(self, systemd: str, tmp_path: Path) -> None:
        unit = tmp_path / UNIT.name
        unit.write_text(UNIT.read_text().replace("/opt/daypass/.venv/bin/python", sys.executable))
        done = subprocess.run([systemd, "verify", unit], capture_output=True, text=True, timeout=60)
        assert (done.returncode, done.stderr) == (0, "")

    def test_little_is_exposed(self, systemd: str) -> None:
        done = subprocess.run(
            [systemd, "security", "--offline=true", "--threshold=20", "--no-pager", UNIT],
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert done.returncode == 0, done.stdout[-200:]

    def test_it_does_not_run_as_root_and_writes_only_where_the_database_is(self, service: dict[str, str]) -> None:
        assert service["User"] not in ("", "root", "0")
        assert service["NoNewPrivileges"] == "yes" and service["ProtectSystem"] == "strict"
        assert f"sqlite:////var/lib/{service['StateDirectory']}/" in service["Environment"]
        assert service["Restart"] == "always"

    def test_its_command_is_the_production_entry(self, service: dict[str, str]) -> None:
        program, *arguments = service["ExecStart"].split()
        assert program == f"{service['WorkingDirectory']}/.venv/bin/python"
        assert arguments == ["app.py"]

    def test_it_names_no_setting_that_does_not_exist(self) -> None:
        named = set(re.findall(r"DAYPASS_[A-Z_]+[A-Z]", UNIT.read_text()))
        assert named <= set(variables())

    def test_the_server_needs_no_memory_that_is_written_and_executed(self, tmp_path: Path) -> None:
        """MemoryDenyWriteExecute, through the kernel (PR_SET_MDWE, Linux 6.3)."""
        before = [sys.executable, "-c", WITHOUT_EXECUTABLE_MEMORY]
        if subprocess.run([*before, "true"], capture_output=True).returncode:
            pytest.skip("this kernel cannot refuse such memory")
        with running(tmp_path, before, DAYPASS_WORKERS="1", DAYPASS_ALGORITHM="ES256") as server:
            server.command("user", "add", "alice", "--password-stdin", stdin="hazel lantern 7 quiet river")
            token = server.sign_in("alice", "hazel lantern 7 quiet river")
            assert server.request("GET", "/members", {"Authorization": f"Bearer {token}"}).status == 200
