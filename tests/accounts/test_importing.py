"""Files of accounts: what is read from them, and what is wrong with a line."""

import pytest

from daypass.accounts.importing.checking import FileChecker, NewAccount
from daypass.accounts.importing.reading import Problem, Row, read_csv, read_htpasswd
from daypass.accounts.status import UNSET_PASSWORD

HASH = "$2b$06$KYZnh3UbhyQtcn.zak0JdO1e6XVi2z6sGTdr7FyXC4PcJkUdmd25W"
HEADER = "name,password_hash,roles,email\n"


def lines(text: str) -> list[str]:
    return text.splitlines(keepends=True)


def test_a_csv_file_names_its_columns_in_any_order() -> None:
    text = f'Email, NAME ,password_hash,roles\nann@example.org,ann,{HASH},"staff reader"\n\n,bob,{HASH},\n'
    assert list(read_csv(lines(text))) == [
        Row(2, "ann", HASH, "staff reader", "ann@example.org"),
        Row(4, "bob", HASH),
    ]


def test_a_csv_file_needs_only_names_and_hashes() -> None:
    assert list(read_csv(lines(f"name,password_hash\r\nann,{HASH}\r\n"))) == [Row(2, "ann", HASH)]


def test_a_line_of_csv_may_contain_quoted_commas_and_breaks() -> None:
    text = 'name,password_hash\n"a\nb","$argon2id$v=19$m=8192,t=1,p=1$salt$hash"\nann,x\n'
    assert list(read_csv(lines(text))) == [
        Row(3, "a\nb", "$argon2id$v=19$m=8192,t=1,p=1$salt$hash"),
        Row(4, "ann", "x"),
    ]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (
            "",
            "Line 1: the column name is missing; the first line names the columns, of name, password_hash, roles",
        ),
        ("name\nann\n", "Line 1: the column password_hash is missing"),
        (f"ann,{HASH}\n", "Line 1: the column name is missing"),
        ("name,password_hash,phone\n", "Line 1: there is no column 'phone'; the columns are name, password_hash"),
        ("name,password_hash,name\n", "Line 1: a column is there twice."),
        (f"{HEADER}ann,{HASH}\n", "Line 2: there are 2 values for 4 columns."),
        (
            f"{HEADER}ann,$argon2id$v=19$m=8192,t=1,p=1$salt$hash,,\n",
            "Line 2: there are 6 values for 4 columns; a hash with",
        ),
        (f'{HEADER}"ann,x\n', "Line 2: this is not CSV (unexpected end of data)."),
    ],
)
def test_a_broken_csv_file_is_explained(text: str, problem: str) -> None:
    [found] = read_csv(lines(text))
    assert isinstance(found, Problem)
    assert str(found).startswith(problem)


def test_a_file_of_htpasswd_may_have_comments_and_empty_lines() -> None:
    text = f"# our readers\n\nann:{HASH}\n  bob:{HASH}  \n"
    assert list(read_htpasswd(lines(text))) == [Row(3, "ann", HASH), Row(4, "bob", HASH)]


@pytest.mark.parametrize("line", ["ann", "ann:", HASH])
def test_a_broken_line_of_htpasswd_is_explained(line: str) -> None:
    assert [str(found) for found in read_htpasswd([line])] == ["Line 1: this is not a name, a colon and a hash."]


def check(*rows: Row) -> list[NewAccount | Problem]:
    checker = FileChecker()
    return [checker.check(row) for row in rows]


def test_an_account_gets_what_its_line_says() -> None:
    assert check(Row(2, " Ann ", HASH, "staff  reader staff", "Ann@Example.org"), Row(3, "bob", "")) == [
        NewAccount(2, "ann", HASH, ["reader", "staff"], "Ann@example.org"),
        NewAccount(3, "bob", UNSET_PASSWORD, [], None),
    ]


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        (Row(7, "Anna Müller", HASH), "'Anna Müller' was not taken: a name has 3 to 32 characters"),
        (Row(7, "x" * 100, HASH), f"'{'x' * 64}' was not taken: a name has"),
        (Row(7, "cat", "{SHA}x"), "'cat' was not taken: its hash is malformed, or of an unknown kind."),
        (Row(7, "cat", HASH, "Staff"), "'cat' was not taken: a role has 1 to 32 characters"),
        (Row(7, "cat", HASH, "", "cat@"), "'cat' was not taken: "),
        (Row(7, "ANN", HASH), "the name ann is in line 2 already."),
        (Row(7, "cat", HASH, "", "ANN@example.org"), "the address ann@example.org is in line 2 already."),
    ],
)
def test_a_line_that_cannot_be_taken_is_explained(row: Row, problem: str) -> None:
    _, found = check(Row(2, "ann", HASH, "", "ann@example.org"), row)
    assert isinstance(found, Problem)
    assert str(found).startswith(f"Line 7: {problem}")


def test_lines_without_an_address_do_not_share_one() -> None:
    assert not [found for found in check(Row(2, "ann", HASH), Row(3, "bob", HASH)) if isinstance(found, Problem)]
