"""`daypass user import`: create accounts from a file of another system."""

import sys
from collections.abc import Callable, Iterator, Sequence
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING

import click

from daypass.accounts import administrators
from daypass.accounts.importing import checking, reading, storing
from daypass.accounts.importing.checking import FileChecker, NewAccount
from daypass.accounts.importing.reading import Problem, Row
from daypass.audit.events import Event
from daypass.cli import terminal_events
from daypass.cli.command_context import current_db
from daypass.cli.database_command import on_database
from daypass.database.transactions import write_transaction

if TYPE_CHECKING:
    from click._termui_impl import ProgressBar

Reader = Callable[[Sequence[str]], Iterator[Row | Problem]]
READERS: dict[str, Reader] = {"csv": reading.read_csv, "htpasswd": reading.read_htpasswd}
NO_ADMIN = "No account has the role admin yet. Give it to one: daypass user roles NAME --add admin"


@click.command("import")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, exists=True))
@click.option("--format", "form", type=click.Choice(list(READERS)), help="Default: csv for FILE.csv, else htpasswd.")
@click.option("--reuse", is_flag=True, help="Allow the names of deleted accounts. Apps cannot tell the two apart.")
@on_database
def import_users(file: Path, form: str | None, reuse: bool) -> None:
    """Create the accounts in FILE, all or none.

    FILE is that of the program htpasswd, or CSV, whose first line names the columns: name, password_hash and, if you
    like, roles (separated by spaces) and email. People sign in with the passwords that they have. Hashes may be of
    Werkzeug (scrypt, pbkdf2), bcrypt, argon2, Django, or crypt ($5$, $6$, $apr1$); they are replaced by stronger ones
    when people sign in. Without a hash, the owner sets a password with a link: daypass user reset NAME
    """
    lines = _lines(file)
    read = READERS[form or ("csv" if file.suffix.lower() == ".csv" else "htpasswd")]
    rows = list(read(lines))
    if not rows:
        raise click.ClickException(f"{file} has no accounts.")
    accounts, problems = _check(rows)
    with write_transaction(current_db()) as db:
        problems += checking.taken(db, accounts, reuse=reuse)
        if problems:
            _refuse(problems)
        _store(accounts)
    click.echo(f"Imported {_count(len(accounts))}.")
    if not administrators.any_permanent(current_db()):
        click.echo(NO_ADMIN)


def _lines(file: Path) -> list[str]:
    try:
        return list(StringIO(file.read_text(encoding="utf-8-sig")))
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise click.ClickException(f"Line {line}: this is not UTF-8 text. Nothing was imported.") from None
    except OSError as error:
        raise click.ClickException(f"{file} cannot be read: {error.strerror}.") from None


def _check(rows: Sequence[Row | Problem]) -> tuple[list[NewAccount], list[Problem]]:
    accounts, problems, checker = list[NewAccount](), list[Problem](), FileChecker()
    with _progress(len(rows), "Checking") as bar:
        for row in rows:
            checked = row if isinstance(row, Problem) else checker.check(row)
            if isinstance(checked, Problem):
                problems.append(checked)
            else:
                accounts.append(checked)
            bar.update(1)
    return accounts, problems


def _refuse(problems: list[Problem]) -> None:
    """Print the problems, in the order of the lines, and exit with 1."""
    for problem in sorted(problems, key=lambda problem: problem.number):
        click.echo(problem, err=True)
    found = "1 problem" if len(problems) == 1 else f"{len(problems)} problems"
    raise click.ClickException(f"Nothing was imported, because of {found}.")


def _store(accounts: list[NewAccount]) -> None:
    db = current_db()
    with _progress(len(accounts), "Creating") as bar:
        for ids in storing.store(db, accounts):
            terminal_events.record_all_with(db, Event.ACCOUNT_CREATED, [{"account": id} for id in ids])
            bar.update(len(ids))


def _progress(length: int, label: str) -> "ProgressBar[int]":
    """A bar on standard error, so that the output can be piped. Without a terminal it is only the label."""
    return click.progressbar(length=length, label=label, file=sys.stderr)


def _count(number: int) -> str:
    return "1 account" if number == 1 else f"{number} accounts"
