"""Sign in with a password: that of an account, or of the older system that the app asks."""

from collections.abc import Callable
from functools import partial

from flask import current_app, request
from sqlalchemy.orm import Session

from daypass.accounts import credentials, legacy
from daypass.accounts.credentials import PasswordProof
from daypass.accounts.legacy import LegacyCheck
from daypass.accounts.password_limits import PasswordOrigin
from daypass.audit.events import Event
from daypass.database.transactions import write_transaction
from daypass.runtime import Runtime
from daypass.web import audit
from daypass.web.attempts import check_counted
from daypass.web.browser_sign_in import Browser, SignedIn, sign_in_browser
from daypass.web.client import client_address
from daypass.web.notices import notify_new_browser, request_facts

LEGACY_CHECK = "daypass_legacy_check"  # in `app.extensions`: returns the app's check of an older system, or None


def prove_password(
    runtime: Runtime, db: Session, name: str, password: str, device_id: str | None = None
) -> PasswordProof:
    """Check the password of an account, or of the older system that the app asks about names without one.

    A failure is logged with its reason, which the visitor does not see. Raises WrongCredentials, TooManyAttempts or
    Busy.
    """
    origin = PasswordOrigin(client_address(request.environ, runtime.settings), device_id)
    ask = _legacy_check()
    if ask is None or not legacy.is_unknown(db, name):
        return check_counted(runtime, db, Event.SIGN_IN, credentials.check_password, name, password, origin)
    check = partial(legacy.check_password, ask=ask, created=_record_creation)
    return check_counted(runtime, db, Event.SIGN_IN, check, name, password, origin)


def sign_in_with_password(
    runtime: Runtime, db: Session, browser: Browser, name: str, password: str, *, persistent: bool
) -> SignedIn:
    """Sign a browser in, and tell the owner if the account does not know it. Raises what `prove_password` raises.

    persistent: "Keep me signed in".
    """
    proof = prove_password(runtime, db, name, password, browser.device_id)
    facts = request_facts(runtime.settings)
    with write_transaction(db):
        account = credentials.redeem(db, proof)
        notify_new_browser(db, runtime.settings, account, browser.device_id, facts)
        return sign_in_browser(db, account, runtime.settings, browser, Event.SIGN_IN, persistent=persistent)


def _legacy_check() -> LegacyCheck | None:
    find: Callable[[], LegacyCheck | None] | None = current_app.extensions.get(LEGACY_CHECK)
    return None if find is None else find()


def _record_creation(db: Session, account_id: str) -> None:
    audit.record_with(db, Event.ACCOUNT_CREATED, account=account_id, by="itself")
