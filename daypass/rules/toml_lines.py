"""Line numbers of tables and keys in a TOML file, which `tomllib` does not provide."""

import re

# Strings and comments, in valid TOML. A multi-line string may end in up to five quotes.
STRINGS_AND_COMMENTS = re.compile(
    r'"""(?:\\.|[^\\])*?"""+'
    r"|'''.*?'''+"
    r'|"(?:\\.|[^"\\\n])*"'
    r"|'[^'\n]*'"
    r"|\#[^\n]*",
    re.DOTALL,
)


class TomlLines:
    """Finds the lines where the tables of one array, `[[name]]`, and their keys begin. The text must be valid TOML."""

    def __init__(self, text: str, name: str) -> None:
        rows = STRINGS_AND_COMMENTS.sub(_blank, text).split("\n")
        self._rows = [(number, row.strip()) for number, row in enumerate(rows, 1)]
        self._name = name
        header = re.compile(rf"\[\[\s*{name}\s*\]\]")
        self.tables = [line for line, row in self._rows if header.match(row)]

    def table_line(self, number: int) -> int:
        """The line of a table's header. Tables are numbered from 0."""
        return self.tables[number] if number < len(self.tables) else 1

    def key_line(self, number: int, key: str) -> int:
        """The line of a key in a table, or of the table's header if the key is quoted or not found."""
        first = self.table_line(number)
        last = self.tables[number + 1] if number + 1 < len(self.tables) else float("inf")
        name = re.escape(key)
        key_pattern = re.compile(rf"{name}\s*[.=]|\[\s*{self._name}\s*\.\s*{name}\s*[.\]]")
        found = (line for line, row in self._rows if first < line < last and key_pattern.match(row))
        return next(found, first)

    def top_level_line(self, key: str) -> int:
        """The line of a key or table outside the array, or 1 if it is not found."""
        name = re.escape(key)
        key_pattern = re.compile(rf"{name}\s*[.=]|\[+\s*{name}\s*[.\]]")
        return next((line for line, row in self._rows if key_pattern.match(row)), 1)


def _blank(match: re.Match[str]) -> str:
    """Replace a string or comment with its line ends only, so that line numbers stay the same."""
    return "\n" * match[0].count("\n")
