"""A mutation: a small change of the program that takes a defence out."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Edit:
    """Replace a text, which occurs exactly once in the file, by another one."""

    file: str
    before: str
    after: str

    def apply(self, project: Path) -> None:
        """Edit the file below this folder. Raises ValueError unless the text occurs exactly once."""
        path = project / self.file
        content = path.read_text()
        if content.count(self.before) != 1:
            raise ValueError(f"{self.file} has {content.count(self.before)} times, and not once: {self.before!r}")
        path.write_text(content.replace(self.before, self.after))


@dataclass(frozen=True)
class Mutation:
    """A defence that is taken out.

    rows: the rows of SECURITY.md that promise the defence, as named by `security_rows.rows`.
    edits: how it is taken out.
    tests: the tests that must fail then, as pytest takes them. A parameter in brackets is allowed, to save time.
    """

    name: str
    rows: tuple[str, ...]
    edits: tuple[Edit, ...]
    tests: tuple[str, ...]

    def __str__(self) -> str:
        return self.name.replace(" ", "-")

    @property
    def test_functions(self) -> set[str]:
        """The tests, each as `function_of` names it."""
        return {function_of(test) for test in self.tests}

    @property
    def documented_tests(self) -> set[str]:
        """The names that SECURITY.md may use for the tests: each function, and each class."""
        return self.test_functions | {test.partition("[")[0].rpartition("::")[0] for test in self.tests}


def function_of(test: str) -> str:
    """A test as SECURITY.md names it: the file and the function, without class and parameters."""
    file, *_, function = test.partition("[")[0].split("::")
    return f"{file}::{function}"
