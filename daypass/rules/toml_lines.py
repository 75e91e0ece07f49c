"""In which line of a TOML file a table or key stands, which `tomllib` does not tell."""

import re

# Strings and comments of TOML that is known to be sound. A string of three quotes may end in up to five of them.
TEXTS = re.compile(
    r'"""(?:\\.|[^\\])*?"""+'
    r"|'''.*?'''+"
    r'|"(?:\\.|[^"\\\n])*"'
    r"|'[^'\n]*'"
    r"|\#[^\n]*",
    re.DOTALL,
)


class TomlLines:
    """The lines of a sound TOML text in which the tables of one array, `[[name]]`, and their keys begin."""

    def __init__(self, text: str, name: str) -> None:
        rows = TEXTS.sub(_blank, text).split("\n")
        self._rows = [(number, row.strip()) for number, row in enumerate(rows, 1)]
        self._name = name
        header = re.compile(rf"\[\[\s*{name}\s*\]\]")
        self.tables = [line for line, row in self._rows if header.match(row)]

    def of_table(self, number: int) -> int:
        """The line of the table's header; tables count from 0."""
        return self.tables[number] if number < len(self.tables) else 1

    def of_key(self, number: int, key: str) -> int:
        """The line in which a key of the table is given; the header's where it is spelt in an unusual way."""
        first = self.of_table(number)
        last = self.tables[number + 1] if number + 1 < len(self.tables) else float("inf")
        name = re.escape(key)
        given = re.compile(rf"{name}\s*[.=]|\[\s*{self._name}\s*\.\s*{name}\s*[.\]]")
        found = (line for line, row in self._rows if first < line < last and given.match(row))
        return next(found, first)

    def of_top(self, key: str) -> int:
        """The line of a key, or of a table, that stands outside of the array."""
        name = re.escape(key)
        given = re.compile(rf"{name}\s*[.=]|\[+\s*{name}\s*[.\]]")
        return next((line for line, row in self._rows if given.match(row)), 1)


def _blank(found: re.Match[str]) -> str:
    """What stands for a string or comment: nothing of it but its line ends."""
    return "\n" * found[0].count("\n")
