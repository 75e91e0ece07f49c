"""What is stored about the owner of an account, for a download (GDPR articles 15 and 20).

Left out are secrets (the hash of the password), the ids of links and devices, whose holders prove something with them,
and what only Daypass's own work needs. The stored events are exported separately, because they may be many.
"""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from daypass.database.models import Account, AuthSession, Base, Device, GuestLink, Invitation, Mail

ACCOUNT = ("id", "name", "roles", "created_at", "requested_at", "ends_at", "email", "new_email")
SESSION = (
    *("id", "kind", "name", "roles", "hosts", "created_at", "last_seen_at", "expires_at", "until_at"),
    *("ended_at", "end_reason", "address", "user_agent"),
)
DEVICE = ("created_at", "last_used_at")
INVITATION = ("name", "roles", "created_at", "expires_at", "used_at")
GUEST_LINK = ("label", "host", "path", "created_at", "expires_at", "opened_at")
MESSAGE = ("channel", "kind", "recipient", "facts", "state", "created_at", "finished_at")

Owned = AuthSession | Device | Invitation | GuestLink | Mail


def own_data(db: Session, account_id: str) -> dict[str, Any]:
    """The account with its sessions, API tokens, known browsers, invitations, guest links and messages."""
    return {
        "account": _row(db.get_one(Account, account_id), ACCOUNT),
        "sessions": _rows(db, AuthSession, AuthSession.account_id == account_id, SESSION),
        "known_browsers": _rows(db, Device, Device.account_id == account_id, DEVICE),
        "invitations": _rows(db, Invitation, Invitation.inviter_id == account_id, INVITATION),
        "guest_links": _rows(db, GuestLink, GuestLink.creator_id == account_id, GUEST_LINK),
        "messages": _rows(db, Mail, Mail.account_id == account_id, MESSAGE),
    }


def _rows(db: Session, model: type[Owned], own: ColumnElement[bool], names: Iterable[str]) -> list[dict[str, Any]]:
    return [_row(row, names) for row in db.scalars(select(model).where(own).order_by(model.created_at))]


def _row(row: Base, names: Iterable[str]) -> dict[str, Any]:
    return {name: _plain(getattr(row, name)) for name in names}


def _plain(value: Any) -> Any:
    return value.astimezone(UTC).isoformat(timespec="seconds") if isinstance(value, datetime) else value
