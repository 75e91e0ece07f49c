"""Read a file of accounts: CSV with a line of column names, or htpasswd (Apache httpd, `htpasswd`)."""

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

REQUIRED, OPTIONAL = ("name", "password_hash"), ("roles", "email")


@dataclass(frozen=True)
class Row:
    """What a line says of an account, not checked yet. number: of the line, from 1. roles: separated by spaces."""

    number: int
    name: str
    password_hash: str
    roles: str = ""
    email: str = ""


@dataclass(frozen=True)
class Problem:
    """A line that cannot be imported, and why. number: of the line, from 1."""

    number: int
    text: str

    def __str__(self) -> str:
        return f"Line {self.number}: {self.text}."


def read_csv(lines: Sequence[str]) -> Iterator[Row | Problem]:
    """The accounts of a CSV file. Columns may come in any order; `roles` and `email` may be left out."""
    reader = csv.reader(lines, strict=True)
    try:
        columns = [name.strip().lower() for name in next(reader, [])]
        if problem := _wrong_columns(columns):
            yield Problem(1, problem)
            return
        for values in reader:
            if values:
                yield _csv_row(reader.line_num, columns, values)
    except csv.Error as error:
        yield Problem(reader.line_num, f"this is not CSV ({error})")


def _wrong_columns(columns: Sequence[str]) -> str | None:
    known = ", ".join(REQUIRED + OPTIONAL)
    if missing := [name for name in REQUIRED if name not in columns]:
        return f"the column {missing[0]} is missing; the first line names the columns, of {known}, between commas"
    if unknown := [name for name in columns if name not in REQUIRED + OPTIONAL]:
        return f"there is no column {unknown[0]!r}; the columns are {known}"
    if len(columns) > len(set(columns)):
        return "a column is there twice"
    return None


def _csv_row(number: int, columns: Sequence[str], values: Sequence[str]) -> Row | Problem:
    if len(values) != len(columns):
        hint = "; a hash with commas needs quotation marks" if any("$argon2" in value for value in values) else ""
        return Problem(number, f"there are {len(values)} values for {len(columns)} columns{hint}")
    return Row(number, **dict(zip(columns, (value.strip() for value in values), strict=True)))


def read_htpasswd(lines: Sequence[str]) -> Iterator[Row | Problem]:
    """The accounts of a file with lines such as `alice:$2y$05$...`. Lines with `#` are comments."""
    for number, line in enumerate(lines, 1):
        text = line.strip()
        if not text or text.startswith("#"):
            continue
        name, colon, password_hash = text.partition(":")
        if colon and password_hash:
            yield Row(number, name, password_hash)
        else:
            yield Problem(number, "this is not a name, a colon and a hash")
