"""Each row of SECURITY.md that names a test has a mutation, and each mutation fits the program of today."""

import ast
from collections import Counter

import pytest

from tests.helpers.project import ROOT
from tests.mutations.all_mutations import MUTATIONS
from tests.mutations.mutation import Mutation
from tests.mutations.security_rows import rows

ROWS = rows()


def test_the_rows_of_all_tables_are_found() -> None:
    assert {"3.2.1", "16.5.3", "token 1", "token 71", "C11", "X11", "T13", "E2", "H4", "proxy 26"} <= ROWS.keys()
    assert "tests/security/test_forgeries.py::test_no_forgery_is_accepted" in ROWS["token 28"]


def test_every_row_that_names_a_test_has_a_mutation() -> None:
    covered = {row for mutation in MUTATIONS for row in mutation.rows}
    assert [row for row, tests in ROWS.items() if tests and row not in covered] == []


def test_no_two_mutations_have_the_same_name() -> None:
    assert [name for name, number in Counter(map(str, MUTATIONS)).items() if number > 1] == []


def test_no_two_mutations_make_the_same_program() -> None:
    """One that proves several rows names all of them. Programs are compared without their layout."""
    names: dict[frozenset[tuple[str, str]], list[str]] = {}
    for mutation in MUTATIONS:
        files = mutation.edited_files(ROOT).items()
        program = frozenset((file, parsed(content) if file.endswith(".py") else content) for file, content in files)
        names.setdefault(program, []).append(str(mutation))
    assert [same for same in names.values() if len(same) > 1] == []


def parsed(source: str) -> str:
    """Python source as its syntax tree, without comments and layout."""
    return ast.dump(ast.parse(source))


@pytest.mark.parametrize("mutation", MUTATIONS, ids=str)
def test_a_mutation_is_noticed_by_a_test_of_each_of_its_rows(mutation: Mutation) -> None:
    assert [row for row in mutation.rows if not mutation.names_in_rows & ROWS.get(row, set())] == []


@pytest.mark.parametrize("mutation", MUTATIONS, ids=str)
def test_the_text_that_a_mutation_replaces_occurs_once(mutation: Mutation) -> None:
    assert mutation.edits
    found = [(ROOT / edit.file).read_text().count(edit.before) for edit in mutation.edits]
    assert found == [1] * len(mutation.edits)
    assert all(edit.before != edit.after for edit in mutation.edits)
