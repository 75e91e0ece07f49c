"""Acts that ask for the password again when it was typed too long ago (ASVS 7.5, RFC 9470)."""

from datetime import UTC, datetime

from flask import request

from daypass.accounts import credentials
from daypass.accounts.errors import WrongCredentials
from daypass.database.transactions import write_transaction
from daypass.runtime import db
from daypass.tokens import purposes
from daypass.tokens.claims import Claims
from daypass.web import audit, sign_in
from daypass.web.request_errors import ReauthenticationRequired

FIELD = "confirm_password"
TEN_MINUTES = 600  # seconds


def confirmed(claims: Claims, max_age: int, *, by_form: bool) -> Claims | None:
    """None if the password was typed lately enough, else the claims of a new session that this request's form opened.

    Raises StaleLogin, which is answered with a page that asks for the password and sends the same form again; a program
    (`by_form` is False) cannot give it, and has to sign in anew.
    """
    if _is_fresh(claims, max_age):
        return None
    typed = request.form.get(FIELD) if by_form else None
    if typed is None:
        raise ReauthenticationRequired(max_age)
    return _reauthenticated(claims, typed, max_age)


def _is_fresh(claims: Claims, max_age: int) -> bool:
    age = (datetime.now(UTC) - claims.auth_time).total_seconds()
    return claims.purpose == purposes.SESSION and age <= max_age


def _reauthenticated(claims: Claims, typed: str, max_age: int) -> Claims:
    """A new session in place of the one held: every authentication makes a new token and ends the old (ASVS 7.2.4)."""
    try:
        proof = credentials.check_password(db.session, sign_in.hasher(), claims.name, typed)
        with write_transaction(db.session):
            account = credentials.redeem(db.session, proof)
            new = sign_in.start_session(
                db.session, account, keep=sign_in.is_persistent(claims), replaces=claims.session_id
            )
    except WrongCredentials as error:
        audit.record("confirm_password", "failure", account=claims.subject, reason=error.reason)
        raise ReauthenticationRequired(max_age, "This is not your password.") from None
    audit.record("confirm_password", "success", account=claims.subject, session=new.session_id)
    return new
