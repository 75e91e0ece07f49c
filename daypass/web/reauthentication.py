"""Ask for the password again if it was entered too long ago (ASVS 7.5, RFC 9470)."""

from collections.abc import Callable
from datetime import UTC, datetime

from flask import request
from sqlalchemy.orm import Session

from daypass.accounts import credentials
from daypass.accounts.errors import WrongCredentials
from daypass.audit.events import Event
from daypass.database.transactions import write_transaction
from daypass.runtime import Runtime
from daypass.tokens import purposes
from daypass.tokens.claims import Claims
from daypass.web import audit
from daypass.web.attempts import confirm_password
from daypass.web.request_errors import ReauthenticationRequired
from daypass.web.sign_in import is_persistent, start_session

PASSWORD_FIELD = "confirm_password"  # noqa: S105  # the field's name
TEN_MINUTES = 600  # seconds

Act = str | Callable[..., str]  # what the visitor is about to do, or a function that looks it up


def confirm(runtime: Runtime, db: Session, claims: Claims, max_age: int, act: Act, *, from_form: bool) -> Claims | None:
    """Start a new session if the password was entered too long ago.

    Returns its claims, or None if the password was entered at most `max_age` seconds ago.

    The new session needs the password in this request's form. Raises ReauthenticationRequired if it is missing or
    wrong; browsers then show a page that asks for it and names the act.
    from_form: whether the form of the request may contain the password. Programs have to sign in again.
    """
    if _is_fresh(claims, max_age):
        return None
    password = request.form.get(PASSWORD_FIELD) if from_form else None
    if password is None:
        raise ReauthenticationRequired(max_age, _in_words(act))
    return _reauthenticate(runtime, db, claims, password, max_age, act)


def check_fresh(claims: Claims, max_age: int, act: Act) -> None:
    """Raise ReauthenticationRequired if the password was entered more than `max_age` seconds ago."""
    if not _is_fresh(claims, max_age):
        raise ReauthenticationRequired(max_age, _in_words(act))


def _is_fresh(claims: Claims, max_age: int) -> bool:
    age = (datetime.now(UTC) - claims.auth_time).total_seconds()
    return claims.purpose == purposes.SESSION and age <= max_age


def _in_words(act: Act) -> str:
    return act if isinstance(act, str) else act()


def _reauthenticate(runtime: Runtime, db: Session, claims: Claims, password: str, max_age: int, act: Act) -> Claims:
    """Replace the session with a new one, as every authentication does (ASVS 7.2.4)."""
    persistent = is_persistent(claims, runtime.settings)
    try:
        proof = confirm_password(runtime, db, Event.CONFIRM_PASSWORD, claims, password)
        with write_transaction(db):
            account = credentials.redeem(db, proof)
            new = start_session(db, account, runtime.settings, persistent=persistent, replaces=claims.session_id)
    except WrongCredentials:
        raise ReauthenticationRequired(max_age, _in_words(act), wrong_password=True) from None
    audit.record(Event.CONFIRM_PASSWORD, "success", account=claims.subject, session=new.session_id)
    return new
