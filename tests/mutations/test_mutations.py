"""Take out one defence after another: the tests that SECURITY.md names for it fail.

`make rows` runs this for all mutations, `make test ROUNDS=full` for a sample.
"""

import os
from pathlib import Path

import pytest

from tests.helpers.project import copy_project
from tests.helpers.rounds import variants
from tests.mutations.all_mutations import MUTATIONS
from tests.mutations.mutated_project import failed_tests, mutated, run_tests
from tests.mutations.mutation import Mutation

SAMPLE = MUTATIONS if os.environ.get("MUTATIONS") == "all" else variants(MUTATIONS[::40], quick=1)


@pytest.fixture(scope="session")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the project for this process."""
    return copy_project(tmp_path_factory.mktemp("mutations"))


@pytest.mark.parametrize("mutation", SAMPLE, ids=str)
def test_without_the_defence_its_tests_fail(project: Path, mutation: Mutation) -> None:
    with mutated(project, mutation):
        completed = run_tests(project, mutation.tests)
    assert completed.returncode == 1, completed.stdout + completed.stderr
    assert set(mutation.tests) - failed_tests(completed.stdout) == set()


def test_a_test_is_found_with_and_without_its_parameters() -> None:
    assert failed_tests("FAILED tests/test_a.py::test_b[c d] - x - y\n1 failed") == {
        f"tests/test_a.py::test_b{parameters}" for parameters in ("", "[c d]")
    }


def test_a_test_that_is_skipped_or_cannot_run_counts_as_not_failed() -> None:
    for line in ("SKIPPED [1] tests/test_a.py:3: no browser", "ERROR tests/test_a.py::test_b - fixture"):
        with pytest.raises(ValueError, match="not run"):
            failed_tests(f"FAILED tests/test_a.py::test_c - x\n{line}")


def test_a_test_that_failed_and_could_not_be_torn_down_counts_as_failed() -> None:
    output = "FAILED tests/test_a.py::test_b - x\nERROR tests/test_a.py::test_b - y"
    assert failed_tests(output) == {"tests/test_a.py::test_b"}
