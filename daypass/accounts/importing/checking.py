"""Check the accounts of a file: each by itself, against the other lines, and against the accounts that exist."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from sqlalchemy import select
from sqlalchemy.orm import Session

from daypass.accounts import email, names
from daypass.accounts.foreign_hashes import check_hash
from daypass.accounts.importing.reading import Problem, Row
from daypass.accounts.roles import check_roles
from daypass.accounts.status import UNSET_PASSWORD
from daypass.database.models import Account, FormerName
from daypass.errors import DaypassError
from daypass.net.email_address import lookup_key


@dataclass(frozen=True)
class NewAccount:
    """An account to be created. number: of its line. password_hash: UNSET_PASSWORD if its owner has to set one."""

    number: int
    name: str
    password_hash: str
    roles: list[str]
    email: str | None

    @property
    def email_key(self) -> str | None:
        """The address in the spelling that is unique."""
        return None if self.email is None else lookup_key(self.email)


@dataclass
class FileChecker:
    """Checks the lines of a file one after another. It remembers the names and addresses of earlier ones."""

    _names: dict[str, int] = field(default_factory=dict)
    _addresses: dict[str, int] = field(default_factory=dict)

    def check(self, row: Row) -> NewAccount | Problem:
        """The account of a line, or what is wrong with it."""
        try:
            found = NewAccount(row.number, *_checked(row))
        except DaypassError as error:
            return Problem(row.number, f"{row.name[:64]!r} was not taken: {_as_clause(error.message)}")
        for seen, key, what in ((self._names, found.name, "name"), (self._addresses, found.email_key, "address")):
            if key is not None and seen.setdefault(key, row.number) != row.number:
                return Problem(row.number, f"the {what} {key} is in line {seen[key]} already")
        return found


def _checked(row: Row) -> tuple[str, str, list[str], str | None]:
    if row.password_hash:
        check_hash(row.password_hash)
    address = email.parse(row.email) if row.email else None
    return names.canonical(row.name), row.password_hash or UNSET_PASSWORD, check_roles(row.roles.split()), address


def _as_clause(sentence: str) -> str:
    return sentence[0].lower() + sentence[1:].removesuffix(".")


def taken(db: Session, accounts: Iterable[NewAccount], *, reuse: bool) -> list[Problem]:
    """The lines whose name or address belongs to an account that exists, or, unless `reuse`, belonged to a deleted one.

    All names are read at once, which takes less time than asking for each.
    """
    addresses = {key for key in db.scalars(select(Account.email_key)) if key is not None}
    named = {} if reuse else dict.fromkeys(db.scalars(select(FormerName.name)), "{} was the name of a deleted account")
    named |= dict.fromkeys(db.scalars(select(Account.name)), "an account has the name {} already")
    found = ((account.number, _taken(account, named, addresses)) for account in accounts)
    return [Problem(number, problem) for number, problem in found if problem]


def _taken(account: NewAccount, named: Mapping[str, str], addresses: set[str]) -> str | None:
    if account.name in named:
        return named[account.name].format(account.name)
    return f"an account has the address {account.email} already" if account.email_key in addresses else None
