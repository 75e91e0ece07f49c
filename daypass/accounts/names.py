"""User names: their canonical form, and whether one is taken."""

import re

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from daypass.accounts.errors import InvalidName
from daypass.database.models import Account, FormerName

NAME_FORM = re.compile(r"[a-z0-9._-]{3,32}")


def canonical(name: str) -> str:
    """Strip surrounding spaces and convert to lower case. Raises InvalidName.

    ASCII is checked first, because some other characters become ASCII in lower case (K, the Kelvin sign).
    """
    name = name.strip(" ")
    if not name.isascii() or not NAME_FORM.fullmatch(name.lower()):
        raise InvalidName("malformed name")
    return name.lower()


def is_taken(db: Session, name: str) -> bool:
    """Whether an account has this canonical name, or had it and was deleted."""
    owned, former = (exists().where(table.name == name) for table in (Account, FormerName))
    return bool(db.scalar(select(owned | former)))
