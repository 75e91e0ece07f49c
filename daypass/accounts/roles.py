"""Role names, and which are in use."""

import re
from collections.abc import Iterable

from sqlalchemy import ScalarSelect, exists, func, select
from sqlalchemy.orm import Session, aliased

from daypass.accounts.errors import InvalidRole
from daypass.database.models import ListedAccount

MAX_ROLES = 32  # keeps tokens short
MAX_IN_USE = 200  # roles that are looked up, for choices in forms
ROLE_FORM = re.compile(r"[a-z0-9._-]{1,32}")
LIST_PREFIX = "role:"  # of the lists of accounts with a role
AFTER_LISTS = "role;"  # sorts after all of them


def check_role(role: str) -> str:
    """Check a role name, which has the same characters as a user name. Raises InvalidRole."""
    if not ROLE_FORM.fullmatch(role):
        raise InvalidRole("malformed role")
    return role


def check_roles(roles: Iterable[str]) -> list[str]:
    """The roles of an account, sorted and each once. Raises InvalidRole, also if there are too many."""
    checked = sorted({check_role(role) for role in roles})
    if len(checked) > MAX_ROLES:
        raise InvalidRole("too many roles", message=f"An account has at most {MAX_ROLES} roles.")
    return checked


def list_of(role: str) -> str:
    """The list of the accounts with this role."""
    return LIST_PREFIX + role


def in_use(db: Session) -> list[str]:
    """The roles that accounts have, sorted; the first MAX_IN_USE.

    Each is found by one step in the index (PostgreSQL wiki, "Loose indexscan"), however many accounts have it.
    """
    lists = select(_next_list(LIST_PREFIX).label("list")).cte(recursive=True)
    lists = lists.union_all(select(_next_list(lists.c.list)).where(lists.c.list.is_not(None)))
    found = db.scalars(select(lists.c.list).where(lists.c.list.is_not(None)).limit(MAX_IN_USE))
    return [name.removeprefix(LIST_PREFIX) for name in found]


def is_in_use(db: Session, role: str) -> bool:
    """Whether an account has this role."""
    return bool(db.scalar(select(exists().where(ListedAccount.list == list_of(role)))))


def _next_list(after: object) -> ScalarSelect[str]:
    row = aliased(ListedAccount)
    return select(func.min(row.list)).where(row.list > after, row.list < AFTER_LISTS).scalar_subquery()
