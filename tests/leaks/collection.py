"""The collection: the secrets that a test run used, and what it wrote.

`make test` names its folder in the environment variable LEAK_CHECK, which every process of the run inherits. Each
process appends to files of its own, so nothing is lost if it is killed. Imported by `startup/sitecustomize.py` in every
Python process that a test starts, so it imports the standard library only.
"""

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

VARIABLE = "LEAK_CHECK"
SECRETS, OUTPUTS = "secrets", "outputs"
IN_TESTS, IN_PROGRAMS = "tests", "programs"
HEADING = "\n=== during "


@dataclass(frozen=True)
class Secret:
    """A secret, and a test that used it. process: IN_TESTS, or IN_PROGRAMS that a test starts."""

    kind: str
    value: bytes
    test: str
    process: str


class Collection:
    """The files of one process. A forked child opens its own."""

    def __init__(self, folder: Path) -> None:
        self.process = IN_PROGRAMS
        self._folder = folder
        self._files: dict[tuple[int, str, str], int] = {}
        self._known: set[tuple[str, bytes, str]] = set()
        self._headings: dict[int, str] = {}

    def add_secret(self, kind: str, value: str | bytes) -> None:
        """Record a secret, once per test and process."""
        raw = value if isinstance(value, bytes) else value.encode("utf-8", "surrogatepass")
        use = kind, raw, _current_test()
        if raw and use not in self._known:
            self._known.add(use)
            line = json.dumps([kind, raw.hex(), use[2], self.process]) + "\n"
            os.write(self._file(SECRETS, "all"), line.encode())

    def add_output(self, kind: str, text: str) -> None:
        """Record what the run wrote, below a heading with the current test."""
        file, test = self._file(OUTPUTS, kind), _current_test()
        if self._headings.get(file) != test:
            self._headings[file] = test
            text = f"{HEADING}{test}\n{text}"
        os.write(file, f"{text}\n".encode("utf-8", "surrogatepass"))

    def _file(self, part: str, kind: str) -> int:
        key = os.getpid(), part, kind
        if key not in self._files:
            path = self._folder / part / kind / f"{self.process}-{key[0]}"
            path.parent.mkdir(parents=True, exist_ok=True)
            self._files[key] = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        return self._files[key]


def _current_test() -> str:
    """The test that runs, or started this process; without its parameters, which can be secrets."""
    return os.environ.get("PYTEST_CURRENT_TEST", "no test").partition("[")[0].partition(" (")[0]


def open_collection() -> Collection | None:
    """The collection of this process; None if nothing is collected."""
    folder = os.environ.get(VARIABLE)
    return Collection(Path(folder)) if folder else None


def read_secrets(folder: Path) -> Iterator[Secret]:
    """All secrets that the processes have recorded."""
    for file in (folder / SECRETS).rglob("*-*"):
        for line in file.read_text().splitlines():
            kind, value, test, process = json.loads(line)
            yield Secret(kind, bytes.fromhex(value), test, process)


collection = open_collection()
