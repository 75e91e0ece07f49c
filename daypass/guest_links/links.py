"""Create, find, list and revoke guest links. Each function works inside the caller's transaction.

A link is valid only while its creator could create it: not while the creator's account is disabled or has ended, nor if
the creator is no administrator any more. Requests look it up in the database, so it is revoked everywhere at once.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, bindparam, delete, func, select, update
from sqlalchemy.orm import Session

from daypass.accounts.administrators import ADMIN_ROLE
from daypass.accounts.status import IS_ACTIVE
from daypass.database.models import DATABASE_TIME, Account, GuestLink, database_now
from daypass.guest_links.coverage import SharedPath
from daypass.guest_links.errors import InvalidGuestLink, NoSuchGuestLink, TooManyGuestLinks
from daypass.net.request_target import RequestTarget
from daypass.tokens import link_codes

PATH = "/guest"  # below the prefix of Daypass's own pages
MAX_DAYS = 90  # until a link expires
MAX_PER_CREATOR = 100  # links that have not expired
MAX_LABEL_LENGTH = 64
KEEP_AFTER_EXPIRY = timedelta(days=7)
BATCH = 500  # rows
SHOWN = 500  # rows

SHARED = (GuestLink.id, GuestLink.label, GuestLink.host, GuestLink.path, GuestLink.expires_at)
# built once, since building a statement takes longer than running it
ACTIVE = (
    select(*SHARED, GuestLink.code_hash, GuestLink.creator_id, Account.roles)
    .outerjoin(Account, Account.id == GuestLink.creator_id)
    .where(GuestLink.code_hash.in_(bindparam("hashes", expanding=True)), GuestLink.expires_at > database_now())
    .where(IS_ACTIVE)  # or there is no account: it was created at the terminal
)


class ListedGuestLink(NamedTuple):
    """What lists show of a guest link. creator: None for the terminal."""

    id: str
    label: str
    host: str
    path: str
    expires_at: datetime
    created_at: datetime
    opened_at: datetime | None
    creator: str | None
    is_expired: bool


@dataclass(frozen=True)
class Terms:
    """What a new guest link opens, what it is for, and until when."""

    target: RequestTarget
    label: str
    expires_at: datetime


def create(db: Session, creator_id: str | None, terms: Terms) -> str:
    """Create a guest link; returns its code, which is not stored. creator_id: None at the terminal.

    The caller has checked the terms. Raises TooManyGuestLinks.
    """
    if creator_id is not None:
        db.get(Account, creator_id, with_for_update=True)  # links created at once cannot pass the limit
    code, now = link_codes.new_code(), db.scalars(DATABASE_TIME).one()
    if _count(db, creator_id, now) >= MAX_PER_CREATOR:
        raise TooManyGuestLinks(MAX_PER_CREATOR)
    link = GuestLink(
        code_hash=link_codes.digest(code).hex(),
        creator_id=creator_id,
        label=terms.label,
        host=terms.target.host,
        path=terms.target.path,
        created_at=now,
        expires_at=terms.expires_at,
    )
    db.add(link)
    db.flush()
    return code


def _count(db: Session, creator_id: str | None, now: datetime) -> int:
    own = GuestLink.creator_id.is_(None) if creator_id is None else GuestLink.creator_id == creator_id
    return db.scalars(select(func.count()).select_from(GuestLink).where(own, GuestLink.expires_at > now)).one()


def find_active(db: Session | Connection, codes: Collection[str]) -> dict[str, SharedPath]:
    """The links with these codes that are valid now, by code."""
    by_hash = {link_codes.digest(code).hex(): code for code in codes}
    rows = db.execute(ACTIVE, {"hashes": list(by_hash)})
    return {by_hash[row.code_hash]: _shared(row) for row in rows if _may_share(row)}


def _may_share(row: Row[*tuple[Any, ...]]) -> bool:
    """Whether the creator is an administrator, or the terminal."""
    return row.creator_id is None or (row.roles is not None and ADMIN_ROLE in row.roles)


def _shared(row: Row[*tuple[Any, ...]]) -> SharedPath:
    return SharedPath(row.id, row.label, row.host, row.path, row.expires_at)


def find(db: Session, code: str) -> SharedPath:
    """The valid link with this code. Raises InvalidGuestLink."""
    found = find_active(db, [code]).get(code)
    if found is None:
        raise InvalidGuestLink("no valid guest link has this code")
    return found


def note_opened(db: Session, link_id: str) -> None:
    """Record that somebody has opened the link. Their visits of its pages are not recorded."""
    db.execute(update(GuestLink).where(GuestLink.id == link_id).values(opened_at=database_now()))


def list_links(db: Session) -> Sequence[ListedGuestLink]:
    """The links that are kept, those that expire last first."""
    rows = (
        select(*SHARED, GuestLink.created_at, GuestLink.opened_at, Account.name, GuestLink.expires_at <= database_now())
        .outerjoin(Account, Account.id == GuestLink.creator_id)
        .order_by(GuestLink.expires_at.desc(), GuestLink.id)
        .limit(SHOWN)
    )
    return [ListedGuestLink._make(row) for row in db.execute(rows)]


def get(db: Session, link_id: str) -> SharedPath:
    """A link that is kept, by its id. Raises NoSuchGuestLink."""
    row = db.execute(select(*SHARED).where(GuestLink.id == link_id)).one_or_none()
    if row is None:
        raise NoSuchGuestLink("no guest link has this id")
    return _shared(row)


def revoke(db: Session, link_id: str) -> SharedPath:
    """Delete a link, which closes its pages to all who have opened it. Raises NoSuchGuestLink."""
    row = db.execute(delete(GuestLink).where(GuestLink.id == link_id).returning(*SHARED)).one_or_none()
    if row is None:
        raise NoSuchGuestLink("no guest link has this id")
    return _shared(row)


def prune(db: Session, now: datetime) -> int:
    """Delete one batch of links that expired KEEP_AFTER_EXPIRY ago; returns how many, 0 if none is left."""
    old = select(GuestLink.id).where(GuestLink.expires_at < now - KEEP_AFTER_EXPIRY).limit(BATCH)
    return len(db.scalars(delete(GuestLink).where(GuestLink.id.in_(old)).returning(GuestLink.id)).all())
