"""Limits on the attempts of the current request's client: passwords, sign-up, the lab."""

from collections.abc import Callable

from flask import request
from sqlalchemy.orm import Session

from daypass.accounts import credentials
from daypass.accounts.credentials import PasswordProof
from daypass.accounts.errors import WrongCredentials
from daypass.accounts.notices import notify_once_a_day
from daypass.accounts.password_hasher import PasswordHasher
from daypass.accounts.password_limits import PasswordLimits, PasswordOrigin
from daypass.audit.events import Event
from daypass.database.transactions import write_transaction
from daypass.mail.kinds import Kind
from daypass.runtime import Runtime
from daypass.settings.definitions import Settings
from daypass.throttling import attempts
from daypass.throttling.attempts import Limit
from daypass.throttling.errors import TooManyAttempts
from daypass.throttling.fair_queue import queue_owner
from daypass.throttling.rate import Rate
from daypass.tokens.claims import Claims
from daypass.web import audit
from daypass.web.client import client_address


def confirm_password(runtime: Runtime, db: Session, event: Event, claims: Claims, password: str) -> PasswordProof:
    """Check the password of a signed-in visitor. Raises WrongCredentials, TooManyAttempts or Busy, and logs it."""
    origin = PasswordOrigin(client_address(request.environ, runtime.settings), session_id=claims.session_id)
    return check_counted(runtime, db, event, credentials.check_password, claims.name, password, origin)


def check_counted(
    runtime: Runtime,
    db: Session,
    event: Event,
    check: Callable[..., PasswordProof],
    name: str,
    password: str,
    origin: PasswordOrigin,
) -> PasswordProof:
    """Check a password by `check`, which counts the attempt, and log a failure with its reason.

    The visitor does not see the reason. Raises WrongCredentials, TooManyAttempts or Busy.
    """

    def tell_owner(db: Session, account_id: str) -> None:
        notify_once_a_day(db, runtime.settings, account_id, Kind.ACCOUNT_THROTTLED)

    limits = PasswordLimits(runtime.settings, origin, tell_owner)
    try:
        hasher = client_hasher(runtime, origin.device_id)
        return check(db=db, hasher=hasher, limits=limits, name=name, password=password)
    except WrongCredentials as error:
        audit.record(event, "failure", account=error.account_id, reason=error.reason)
        raise
    except TooManyAttempts as error:
        audit.record(Event.THROTTLED, "failure", reason=error.reason)
        raise


def client_hasher(runtime: Runtime, device_id: str | None = None) -> PasswordHasher:
    """The password hasher for the current client, which has its own share of the queue."""
    return runtime.hasher.for_client(client_address(request.environ, runtime.settings), device_id)


def address_limit(settings: Settings, kind: str, rate: Rate | None) -> Limit:
    """A limit for the current client's address. Without an address there is none."""
    owner = queue_owner(client_address(request.environ, settings))
    return Limit(kind, owner or "", rate if owner else None, unbounded=True)


def require_attempt(db: Session, limit: Limit) -> None:
    """Take one attempt. Raises TooManyAttempts, logged, if none is left."""
    try:
        attempts.check(db, limit)
        with write_transaction(db):
            attempts.require(db, limit)
    except TooManyAttempts as error:
        audit.record(Event.THROTTLED, "failure", reason=error.reason)
        raise


def require_lab_attempt(settings: Settings, db: Session, account_id: str) -> None:
    """Take one of an account's requests to the lab and its gallery. Raises TooManyAttempts, logged."""
    require_attempt(db, Limit("lab", account_id, settings.limit_lab))
