"""Invitations: links with which somebody creates an account, once. Who may create them, and who may revoke them.

An invitation is valid only as long as its inviter could still create it: not once the inviter is disabled or deleted,
nor, if only administrators may, once the inviter is no administrator any more. Each function works inside the caller's
transaction.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from daypass.accounts import accounts
from daypass.accounts.errors import MayNotInvite, NameTaken, NoSuchInvitation, TooManyInvitations
from daypass.accounts.names import canonical, is_taken
from daypass.accounts.roles import check_roles
from daypass.accounts.status import is_active
from daypass.database.models import DATABASE_TIME, Account, Invitation
from daypass.settings.sign_up import SignUp
from daypass.tokens import link_codes

PATH = "/join"  # below the prefix of Daypass's own pages
MAX_HOURS = 7 * 24  # until an invitation expires; at least 1
MAX_OPEN, MAX_OPEN_OF_MEMBER = 100, 5  # open invitations per inviter
KEEP_AFTER_EXPIRY = timedelta(days=7)
BATCH = 500  # rows


@dataclass(frozen=True)
class Terms:
    """What an invitation grants. hours: until it expires. name: None if the invited person chooses it."""

    hours: int
    name: str | None = None
    roles: tuple[str, ...] = ()


def create(db: Session, inviter_id: str | None, terms: Terms, signup: SignUp) -> str:
    """Create an invitation; returns the code for its link, which is not stored.

    inviter_id: None at the terminal. Raises MayNotInvite, TooManyInvitations, InvalidName, NameTaken or InvalidRole.
    """
    inviter = _lock_inviter(db, inviter_id)
    name = None if terms.name is None else canonical(terms.name)
    roles, code, now = check_roles(terms.roles), link_codes.new_code(), db.scalars(DATABASE_TIME).one()
    invitation = Invitation(
        code_hash=link_codes.digest(code).hex(),
        inviter_id=inviter_id,
        name=name,
        roles=roles,
        created_at=now,
        expires_at=now + timedelta(hours=terms.hours),
    )
    if not may_invite(inviter, invitation, signup):
        raise MayNotInvite("not allowed to invite")
    if name is not None and is_taken(db, name):
        raise NameTaken("name taken")
    allowed = MAX_OPEN if inviter is None or accounts.ADMIN in inviter.roles else MAX_OPEN_OF_MEMBER
    if count_open(db, inviter_id, now) >= allowed:
        raise TooManyInvitations(allowed)
    db.add(invitation)
    db.flush()
    return code


def _lock_inviter(db: Session, inviter_id: str | None) -> Account | None:
    """The inviter, locked, so that invitations at once cannot pass the limit. Raises MayNotInvite if it was deleted."""
    if inviter_id is None:
        return None
    inviter = db.get(Account, inviter_id, with_for_update=True, populate_existing=True)
    if inviter is None:
        raise MayNotInvite("the inviter was deleted")
    return inviter


def may_invite(inviter: Account | None, invitation: Invitation, signup: SignUp) -> bool:
    """Whether this inviter may grant this: administrators anything, members an account of any name without roles."""
    if invitation.inviter_id is None:
        return True
    if inviter is None or not is_active(inviter):
        return False
    is_plain = invitation.name is None and not invitation.roles
    return accounts.ADMIN in inviter.roles or (signup is SignUp.INVITE and is_plain)


def count_open(db: Session, inviter_id: str | None, now: datetime) -> int:
    """How many open invitations somebody has; None for those made at the terminal."""
    is_open = Invitation.used_at.is_(None) & (Invitation.expires_at > now)
    own = Invitation.inviter_id.is_(None) if inviter_id is None else Invitation.inviter_id == inviter_id
    return db.scalars(select(func.count()).select_from(Invitation).where(own, is_open)).one()


def find_unused(db: Session, invitation_id: str, *, inviter_id: str | None = None) -> Invitation:
    """An invitation that can be revoked. inviter_id: as for `revoke`. Raises NoSuchInvitation."""
    invitation = db.get(Invitation, invitation_id)
    if invitation is None or invitation.used_at is not None or inviter_id not in (None, invitation.inviter_id):
        raise NoSuchInvitation("no unused invitation has this id")
    return invitation


def revoke(db: Session, invitation_id: str, *, inviter_id: str | None = None) -> str | None:
    """Delete an unused invitation, so that its link is not valid any more; returns the id of its inviter.

    inviter_id: only if it is this member's; None for administrators, who may revoke any. Raises NoSuchInvitation.
    """
    unused = delete(Invitation).where(Invitation.id == invitation_id, Invitation.used_at.is_(None))
    own = unused if inviter_id is None else unused.where(Invitation.inviter_id == inviter_id)
    revoked = db.execute(own.returning(Invitation.inviter_id)).one_or_none()
    if revoked is None:
        raise NoSuchInvitation("no unused invitation has this id")
    inviter: str | None = revoked.inviter_id
    return inviter


def prune(db: Session, now: datetime) -> int:
    """Delete one batch of invitations that expired KEEP_AFTER_EXPIRY ago; returns how many, 0 if none is left."""
    old = select(Invitation.id).where(Invitation.expires_at < now - KEEP_AFTER_EXPIRY).limit(BATCH)
    return len(db.scalars(delete(Invitation).where(Invitation.id.in_(old)).returning(Invitation.id)).all())
