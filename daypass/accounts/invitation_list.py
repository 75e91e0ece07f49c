"""Lists of invitations: for an administrator all of them, for a member the own ones."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from daypass.database.models import Account, Invitation, database_now

SHOWN = 500  # rows: the open ones first


class ListedInvitation(NamedTuple):
    """What lists show of an invitation.

    name: None if the invited person chooses. inviter: None for the terminal. account: the name of the account that was
    created with it; None if it is unused, or the account was deleted.
    """

    id: str
    name: str | None
    roles: tuple[str, ...]
    created_at: datetime
    expires_at: datetime
    used_at: datetime | None
    inviter: str | None
    account: str | None
    is_open: bool


def list_invitations(db: Session, *, inviter_id: str | None = None) -> Sequence[ListedInvitation]:
    """The invitations that are kept, those that expire last first. inviter_id: only those of this account."""
    inviter, account = aliased(Account), aliased(Account)
    columns = (getattr(Invitation, name) for name in ListedInvitation._fields[:6])
    is_open = Invitation.used_at.is_(None) & (Invitation.expires_at > database_now())
    rows = (
        select(*columns, inviter.name, account.name, is_open)
        .outerjoin(inviter, inviter.id == Invitation.inviter_id)
        .outerjoin(account, account.id == Invitation.account_id)
        .order_by(Invitation.used_at.is_not(None), Invitation.expires_at.desc(), Invitation.id)
        .limit(SHOWN)
    )
    if inviter_id is not None:
        rows = rows.where(Invitation.inviter_id == inviter_id)
    return [ListedInvitation._make(row) for row in db.execute(rows)]
