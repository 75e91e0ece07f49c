"""Whether an account may be used: it is not disabled, has not reached its end date, and its password is set."""

from datetime import UTC, datetime

from sqlalchemy import or_

from daypass.database.models import Account, database_now

WAITING, LOCKED, ENDED = "waiting for approval", "locked by its owner", "past its end date"
UNSET_PASSWORD = "unset"  # noqa: S105  # instead of a hash, until the owner sets a password; no password matches it

HAS_NOT_ENDED = or_(Account.ends_at.is_(None), Account.ends_at > database_now())
IS_ACTIVE = Account.disabled_at.is_(None) & HAS_NOT_ENDED
# a reset link works for the account
ACCEPTS_LINKS = or_(Account.disabled_at.is_(None), Account.disabled_at == Account.locked_at) & HAS_NOT_ENDED


def is_active(account: Account) -> bool:
    """Whether links and passwords of the account work: it is neither disabled nor past its end date."""
    return why_inactive(account) is None


def why_inactive(account: Account) -> str | None:
    """Why the account may not be used; None if it may be."""
    if account.disabled_at is not None:
        return WAITING if account.requested_at else LOCKED if account.is_locked else "disabled"
    return ENDED if has_ended(account) else None


def accepts_links(account: Account) -> bool:
    """Whether a reset link works for the account: it is active, or would be if its owner had not locked it."""
    return (account.disabled_at is None or account.is_locked) and not has_ended(account)


def is_opened_by_mail(account: Account) -> bool:
    """Whether “Forgot your password?” opens the account, where mail is set up."""
    return account.is_locked and account.email is not None and accepts_links(account)


def has_ended(account: Account) -> bool:
    """Whether the account is past its end date."""
    return account.ends_at is not None and account.ends_at <= datetime.now(UTC)


def has_password(account: Account) -> bool:
    """Whether the owner of the account has set a password."""
    return account.password_hash != UNSET_PASSWORD
