"""Create the accounts of a file. Works inside the caller's transaction."""

from collections.abc import Iterator, Sequence

from sqlalchemy import delete as delete_rows
from sqlalchemy import insert
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from daypass.accounts import setup
from daypass.accounts.errors import NameTaken
from daypass.accounts.importing.checking import NewAccount
from daypass.database.models import Account, FormerName, new_id

BATCH = 1000  # accounts in a statement


def store(db: Session, accounts: Sequence[NewAccount]) -> Iterator[list[str]]:
    """Create the accounts in batches; yields the ids of each. Names of deleted accounts may be used again.

    Raises NameTaken if somebody has created an account with such a name or address since they were checked.
    """
    if accounts:
        setup.finish(db)
    for start in range(0, len(accounts), BATCH):
        batch = [_columns(account) for account in accounts[start : start + BATCH]]
        db.execute(delete_rows(FormerName).where(FormerName.name.in_([row["name"] for row in batch])))
        try:
            db.execute(insert(Account), batch)
        except IntegrityError:
            raise NameTaken("created meanwhile", message="Somebody created one of these accounts meanwhile.") from None
        yield [str(row["id"]) for row in batch]


def _columns(account: NewAccount) -> dict[str, object]:
    return {
        "id": new_id(),
        "name": account.name,
        "password_hash": account.password_hash,
        "roles": account.roles,
        "email": account.email,
        "email_key": account.email_key,
    }
