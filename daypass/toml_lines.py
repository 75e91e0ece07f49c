"""In which line of a TOML file a table or key stands, which `tomllib` does not tell."""

import re
from collections.abc import Iterator

# Strings and comments of TOML that is known to be sound. A string of three quotes may end in up to five of them.
TEXTS = re.compile(
    r'"""(?:\\.|[^\\])*?"""+'
    r"|'''.*?'''+"
    r'|"(?:\\.|[^"\\\n])*"'
    r"|'[^'\n]*'"
    r"|\#[^\n]*",
    re.DOTALL,
)
OPENING, CLOSING = "[{", "]}"


class Lines:
    """The lines of a sound TOML text in which the tables of one array, `[[name]]`, and their keys begin."""

    def __init__(self, text: str, name: str) -> None:
        self._begins = list(_statements(TEXTS.sub(_blank, text)))
        self._name = name
        header = re.compile(rf"\[\[\s*{name}\s*\]\]")
        self.tables = [line for line, statement in self._begins if header.match(statement)]

    def of_table(self, number: int) -> int:
        """The line of the table's header; tables count from 0."""
        return self.tables[number] if number < len(self.tables) else 1

    def of_key(self, number: int, key: str) -> int:
        """The line in which a key of the table is given; the header's where it is spelt in an unusual way."""
        first = self.of_table(number)
        last = self.tables[number + 1] if number + 1 < len(self.tables) else float("inf")
        name = re.escape(key)
        given = re.compile(rf"{name}\s*[.=]|\[\s*{self._name}\s*\.\s*{name}\s*[.\]]")
        found = (line for line, statement in self._begins if first < line < last and given.match(statement))
        return next(found, first)

    def of_top(self, key: str) -> int:
        """The line of a key, or of a table, that stands outside of the array."""
        name = re.escape(key)
        given = re.compile(rf"{name}\s*[.=]|\[+\s*{name}\s*[.\]]")
        return next((line for line, statement in self._begins if given.match(statement)), 1)


def _blank(found: re.Match[str]) -> str:
    """What stands for a text: nothing of it but its line ends; quotes, so that it is still something."""
    return '""' + re.sub(r"[^\n]", "", found[0])


def _statements(text: str) -> Iterator[tuple[int, str]]:
    """Number and text of the lines in which a statement begins: those with no bracket open from before."""
    depth = 0
    for number, line in enumerate(text.split("\n"), 1):
        if depth == 0 and line.strip():
            yield number, line.strip()
        depth += sum(map(line.count, OPENING)) - sum(map(line.count, CLOSING))
