"""A mutation: a small change of the program that takes a defence out."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Edit:
    """Replace a text, which occurs exactly once in the file, by another one."""

    file: str
    before: str
    after: str

    def edited(self, content: str) -> str:
        """The content of the file after the edit. Raises ValueError unless the text occurs exactly once."""
        if content.count(self.before) != 1:
            raise ValueError(f"{self.file} has {content.count(self.before)} times, and not once: {self.before!r}")
        return content.replace(self.before, self.after)


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

    def edited_files(self, project: Path) -> dict[str, str]:
        """The content of each file below this folder that the edits change, after them."""
        files: dict[str, str] = {}
        for edit in self.edits:
            if edit.file not in files:
                files[edit.file] = (project / edit.file).read_text()
            files[edit.file] = edit.edited(files[edit.file])
        return files

    @property
    def test_functions(self) -> set[str]:
        """The tests without parameters."""
        return {test.partition("[")[0] for test in self.tests}

    @property
    def names_in_rows(self) -> set[str]:
        """The tests as SECURITY.md names them: without the classes that they are in, or such a class as a whole."""
        parts = [test.split("::") for test in self.test_functions]
        return {f"{file}::{name}" for file, *names in parts for name in names}
