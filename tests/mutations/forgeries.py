"""The tests of forged tokens, by the numbers of their rows in SECURITY.md."""

from tests.security.catalogue import ROWS

NAMES = {row.number: str(row) for row in ROWS}


def refused(*numbers: int, algorithm: str = "HS256", carrier: str = "bearer") -> tuple[str, ...]:
    """The tests that the forgeries of these rows are refused by an app with this algorithm."""
    test = "tests/security/test_forgeries.py::test_no_forgery_is_accepted"
    return tuple(f"{test}[{algorithm}-{NAMES[number]}-{carrier}]" for number in numbers)


def tokens(*numbers: int) -> tuple[str, ...]:
    """The names of these rows, as `security_rows.rows` names them."""
    return tuple(f"token {number}" for number in numbers)
