"""Create, change, disable and delete accounts. Each function works inside the caller's transaction."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import delete as delete_rows
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from daypass.accounts import administrators, devices, reserved_names, setup
from daypass.accounts.credentials import PasswordProof, redeem
from daypass.accounts.errors import FormerNameTaken, InvalidRole, NameTaken, ReservedName
from daypass.accounts.names import canonical
from daypass.accounts.roles import check_roles
from daypass.accounts.status import UNSET_PASSWORD
from daypass.database.models import Account, FormerName, database_now
from daypass.sessions import lifecycle

ADMIN = administrators.ADMIN_ROLE


def create(db: Session, name: str, password_hash: str, roles: Iterable[str] = (), *, reuse: bool = False) -> Account:
    """Create an account. Raises InvalidName, or NameTaken, for which the UNIQUE constraint decides.

    Raises FormerNameTaken for the name of a deleted account, unless `reuse` is set.
    """
    account = Account(name=canonical(name), password_hash=password_hash, roles=sorted(roles))
    setup.finish(db)
    db.add(account)
    try:
        db.flush()
    except IntegrityError:
        raise NameTaken("name taken") from None
    if _remove_former_name(db, account.name) and not reuse:
        raise FormerNameTaken("name of a deleted account")
    return account


def create_without_password(
    db: Session, name: str, roles: Iterable[str], *, ends_at: datetime | None = None
) -> Account:
    """Create an account whose owner sets the password with a link. Raises InvalidRole, and what `create` raises.

    ends_at: its end date; None for none.
    """
    account = create(db, name, UNSET_PASSWORD, check_roles(roles))
    account.ends_at = ends_at
    return account


def _remove_former_name(db: Session, name: str) -> bool:
    """Remove a name from those of deleted accounts; returns whether it was one.

    Call it after the insert, which waits for a concurrent deletion of the same name (PostgreSQL).
    """
    former = delete_rows(FormerName).where(FormerName.name == name).returning(FormerName.name)
    return db.scalar(former) is not None


def sign_up(db: Session, name: str, password_hash: str) -> Account:
    """Create an account for a visitor, without roles. Raises ReservedName, and what `create` raises."""
    if reserved_names.is_reserved(canonical(name)):
        raise ReservedName("reserved name")
    return create(db, name, password_hash)


def create_first(db: Session, code: str, now: datetime, name: str, password_hash: str) -> Account:
    """Create the first account, an administrator, with the code of the valid set-up link.

    Raises SetupComplete or InvalidSetupLink.
    """
    setup.check_link(db, code, now, lock=True)
    return create(db, name, password_hash, [ADMIN])


def set_password(db: Session, account: Account, password_hash: str) -> None:
    """Change the password, end all sessions of the account (ASVS 7.4.3), and forget its devices.

    Its reset link is revoked too (ASVS 6.4.3).
    """
    account.password_hash = password_hash
    account.reset_id = None
    devices.forget_all(db, account.id)
    lifecycle.end_all(db, account.id, "password_changed")


def disable(db: Session, account: Account) -> None:
    """Disable the account, and end its sessions (ASVS 7.4.2). Raises LastAdmin or NoSuchAccount."""
    administrators.check_not_last(db, account)
    account.disabled_at, account.locked_at = database_now(), None
    lifecycle.end_all(db, account.id, "account_disabled")


def enable(db: Session, account: Account) -> None:
    """Let the account sign in, again or, if it was requested, for the first time, whoever disabled it.

    Its ended sessions stay ended.
    """
    account.disabled_at = account.locked_at = account.requested_at = None


def set_roles(db: Session, account: Account, roles: Iterable[str]) -> None:
    """Replace the account's roles, and end its sessions, whose tokens contain the old roles.

    Raises InvalidRole, LastAdmin or NoSuchAccount.
    """
    new = check_roles(roles)
    if ADMIN not in new:
        administrators.check_not_last(db, account)
    account.roles = new
    lifecycle.end_all(db, account.id, "role_changed")


def change_roles(db: Session, account: Account, *, add: Iterable[str] = (), remove: Iterable[str] = ()) -> bool:
    """Add and remove roles, whatever others the account has by now. Returns False if nothing changes.

    Raises InvalidRole, also for a role to remove that the account does not have, LastAdmin or NoSuchAccount.
    """
    old = set(administrators.locked_account(db, account).roles)
    added, removed = set(check_roles(add)), set(remove)
    if missing := sorted(removed - old):
        raise InvalidRole("missing role", message=f"{account.name} does not have the role {', '.join(missing)}.")
    new = (old | added) - removed
    if new == old:
        return False
    set_roles(db, account, new)
    return True


def set_end(db: Session, account: Account, ends_at: datetime | None) -> int:
    """Set or remove the end date, and end the sessions that would outlast it; returns how many.

    Sessions that start later are limited to it. Raises LastAdmin for the only permanent administrator, NoSuchAccount.
    """
    if ends_at is None:
        administrators.locked_account(db, account).ends_at = None
        return 0
    administrators.check_not_last(db, account)
    account.ends_at = ends_at
    return lifecycle.end_outlasting(db, account.id, "end_date_set", ends_at)


def delete(db: Session, account: Account) -> None:
    """Delete the account, and end its sessions. Their rows are kept, so that their tokens stay revoked.

    The name is kept too, so that sign-up does not give it to somebody else. Raises LastAdmin or NoSuchAccount.
    """
    administrators.check_not_last(db, account)
    lifecycle.end_all(db, account.id, "account_deleted")
    db.add(FormerName(name=account.name))
    db.delete(account)
    db.flush()


def delete_own(db: Session, proof: PasswordProof) -> None:
    """Delete the account of a proof. Raises WrongCredentials or LastAdmin."""
    administrators.lock(db)
    delete(db, redeem(db, proof))
