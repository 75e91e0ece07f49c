"""SECURITY.md's table of routes, “Who may do what”."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from tests.helpers.security_document import section

SITE_SETTING = "DAYPASS_SITE"  # named in the first cell of rows about the folder's own pages
FIXED = (
    "/healthz",
    "/readyz",
    "/metrics",
    "/.well-known/",
    "/gate/",
)  # paths that other programs expect, with or without a folder


@dataclass(frozen=True)
class Row:
    """One route in one row of the table."""

    path: str
    method: str
    who: str
    password: str
    of_folder: bool


def table() -> Iterator[Row]:
    for line in section("Who may do what").splitlines():
        if line.startswith("| `/"):
            routes, methods, who, password = (cell.strip() for cell in line.strip("|").split("|"))
            for path in re.findall(r"`(/[^`]*)`", routes):
                for method in methods.split(", "):
                    yield Row(path, method, who, password, SITE_SETTING in routes)


TABLE = list(table())


def documented(prefix: str) -> dict[tuple[str, str], Row]:
    """The table's rows by path and method, with this prefix of paths."""
    own = [row for row in TABLE if not row.of_folder]
    found = {(row.path if row.path.startswith(FIXED) else prefix + row.path, row.method): row for row in own}
    return found | ({(row.path, row.method): row for row in TABLE if row.of_folder} if prefix else {})
