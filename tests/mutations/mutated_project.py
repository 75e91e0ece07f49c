"""Run tests on a copy of the project that a mutation has changed."""

import os
import re
import subprocess
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from importlib.util import cache_from_source
from pathlib import Path

from tests.leaks.collection import VARIABLE
from tests.mutations.mutation import Mutation

SECONDS = 300
NOT_INHERITED = ("PYTEST_", "DAYPASS_", "PYTHONPATH", VARIABLE)
RESULT = re.compile(r"^(FAILED|ERROR|SKIPPED) ((?:tests/|\[).+?)(?: - |$)", re.MULTILINE)


@contextmanager
def mutated(project: Path, mutation: Mutation) -> Iterator[None]:
    """Apply a mutation to a copy of the project; undo it afterwards."""
    edited = {project / file: content for file, content in mutation.edited_files(project).items()}
    originals = {file: file.read_bytes() for file in edited}
    try:
        for file, content in edited.items():
            file.write_text(content)
        forget_compiled(originals)
        yield
    finally:
        for file, original in originals.items():
            file.write_bytes(original)
        forget_compiled(originals)


def forget_compiled(files: Iterable[Path]) -> None:
    """Delete the compiled modules of changed files: Python would take one that is as long and as old for current."""
    for file in files:
        Path(cache_from_source(str(file))).unlink(missing_ok=True)


def run_tests(project: Path, tests: tuple[str, ...]) -> subprocess.CompletedProcess[str]:
    """Run tests of the copy. Nothing that they write counts as written by the run that this one is part of."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(NOT_INHERITED)}
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "--tb=short", "-p", "no:cacheprovider", "-rfEs", *tests],
        cwd=project,
        env=inherited | {"CI": "true", "ROUNDS": "quick"},
        text=True,
        capture_output=True,
        timeout=SECONDS,
        check=False,
    )


def failed_tests(output: str) -> set[str]:
    """The tests that failed, each with and without its parameters.

    Raises ValueError if one could not run, or was skipped. A test that failed may have an error too, when it is torn
    down.
    """
    results = RESULT.findall(output)
    failed = {test for result, test in results if result == "FAILED"}
    if not_run := [f"{result} {test}" for result, test in results if test not in failed]:
        raise ValueError(f"not run: {', '.join(not_run)}\n{output}")
    return failed | {test.partition("[")[0] for test in failed}
