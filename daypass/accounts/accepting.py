"""Use an invitation. Each function works inside the caller's transaction."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from daypass.accounts import accounts, reserved_names
from daypass.accounts.errors import InvalidInvitation, InvalidRole, InvitedNameTaken, NameTaken, ReservedName
from daypass.accounts.invitations import may_invite
from daypass.accounts.names import canonical
from daypass.accounts.roles import check_roles
from daypass.database.models import DATABASE_TIME, Account, Invitation
from daypass.settings.sign_up import SignUp
from daypass.tokens.link_codes import digest


def find(db: Session, code: str, signup: SignUp, *, lock: bool = False) -> tuple[Invitation, str | None]:
    """An invitation that can be used, and the name of its inviter, None for the terminal. Raises InvalidInvitation.

    lock: lock the row until the transaction ends, so that of two uses at once only one succeeds.
    """
    which = select(Invitation).where(Invitation.code_hash == digest(code).hex())
    if lock:
        which = which.with_for_update().execution_options(populate_existing=True)
    invitation = db.scalar(which)
    if invitation is None:
        raise InvalidInvitation("no such invitation, or revoked")
    if invitation.used_at is not None:
        raise InvalidInvitation("used already")
    if invitation.expires_at <= db.scalars(DATABASE_TIME).one():
        raise InvalidInvitation("expired")
    inviter = db.get(Account, invitation.inviter_id, populate_existing=True) if invitation.inviter_id else None
    if not may_invite(inviter, invitation, signup):
        raise InvalidInvitation("its inviter may not invite any more")
    return invitation, None if inviter is None else inviter.name


def accept(db: Session, code: str, typed_name: str, password_hash: str, signup: SignUp) -> tuple[Account, Invitation]:
    """Use an invitation: create its account.

    typed_name: ignored if the invitation fixes the name. Raises InvalidInvitation, InvitedNameTaken for a fixed name,
    InvalidName, ReservedName or NameTaken for a chosen one.
    """
    invitation, inviter = find(db, code, signup, lock=True)
    fixed_name = invitation.name
    if fixed_name is None and reserved_names.is_reserved(canonical(typed_name)):
        raise ReservedName("reserved name")
    try:
        roles = check_roles(invitation.roles)
        account = accounts.create(db, fixed_name or typed_name, password_hash, roles)
    except InvalidRole:
        raise InvalidInvitation("malformed roles") from None
    except NameTaken:
        if fixed_name is None:
            raise
        raise InvitedNameTaken(fixed_name, inviter) from None
    invitation.used_at, invitation.account_id = db.scalars(DATABASE_TIME).one(), account.id
    return account, invitation
