"""The accounts page: list, sign out, disable and enable accounts, and reset their passwords."""

from datetime import UTC, datetime

from flask import Blueprint, redirect, url_for
from werkzeug.wrappers import Response as BaseResponse

from daypass.accounts import accounts, queries, recovery
from daypass.accounts.errors import CannotDisableSelf, NoSuchAccount
from daypass.accounts.mail_links import signed_link
from daypass.accounts.notices import notify
from daypass.audit.events import Event
from daypass.database.models import Account
from daypass.database.transactions import in_batches, write_transaction
from daypass.mail.kinds import Kind
from daypass.sessions import lifecycle
from daypass.tokens import purposes
from daypass.web import audit
from daypass.web.context import current_db, current_runtime
from daypass.web.gate import current_claims, token_required
from daypass.web.reauthentication import TEN_MINUTES
from daypass.web.rendering import render_page

BY_ADMINISTRATOR = {"by": "an administrator"}

pages = Blueprint("admin", __name__, url_prefix="/admin")


@pages.get("", endpoint="accounts")
@token_required(role=accounts.ADMIN)
def list_accounts() -> str:
    rows = queries.list_accounts(current_db(), datetime.now(UTC))
    people, passes = sum(not row.disabled for row in rows), sum(row.live_sessions for row in rows)
    return render_page("daypass/pages/accounts.html", accounts=rows, people=people, passes=passes)


@pages.post("/accounts/<account_id>/sign-out", endpoint="sign_out")
@token_required(role=accounts.ADMIN, fresh=TEN_MINUTES, act="sign out this account everywhere")
def sign_out(account_id: str) -> BaseResponse:
    """End all sessions of an account."""
    with write_transaction(current_db()):
        lifecycle.end_all(current_db(), _account(account_id).id, "ended_by_admin")
    return _done(Event.SESSIONS_ENDED, account_id)


@pages.post("/accounts/<account_id>/disable")
@token_required(role=accounts.ADMIN, fresh=TEN_MINUTES, act="disable this account")
def disable(account_id: str) -> BaseResponse:
    """Disable an account. Raises CannotDisableSelf, so that an administrator remains."""
    if account_id == current_claims().subject:
        raise CannotDisableSelf("an administrator cannot disable their own account")
    settings, db = current_runtime().settings, current_db()
    with write_transaction(db):
        account = _account(account_id)
        accounts.disable(db, account)
        notify(db, settings, account, Kind.ACCOUNT_DISABLED, BY_ADMINISTRATOR, to=account.email)
    return _done(Event.ACCOUNT_DISABLED, account_id)


@pages.post("/accounts/<account_id>/enable")
@token_required(role=accounts.ADMIN, fresh=TEN_MINUTES, act="enable this account")
def enable(account_id: str) -> BaseResponse:
    """Enable an account, so that its holder can sign in again."""
    with write_transaction(current_db()):
        accounts.enable(current_db(), _account(account_id))
    return _done(Event.ACCOUNT_ENABLED, account_id)


@pages.post("/accounts/<account_id>/reset")
@token_required(role=accounts.ADMIN, fresh=TEN_MINUTES, act="create a reset link")
def reset(account_id: str) -> str:
    """Create a link with which the account's owner sets a new password.

    An administrator never chooses the password (ASVS 6.4.6).

    It is mailed to the account's confirmed address. Only if that is impossible, it is shown, once.
    """
    runtime, db = current_runtime(), current_db()
    ring = runtime.keys.current()
    with write_transaction(db):
        account = _enabled_account(account_id)
        name = account.name
        mailed = runtime.settings.sends_mail and recovery.send_link(db, account)
        link_id = None if mailed else recovery.new_link(account)
    link = None if link_id is None else signed_link(runtime.settings, ring, purposes.RESET, account_id, link_id)
    audit.record(Event.RESET_LINK_CREATED, "success", account=account_id, by=current_claims().subject)
    return render_page("daypass/pages/reset_link.html", name=name, link=link)


@pages.post("/sign-out-everybody")
@token_required(role=accounts.ADMIN, fresh=TEN_MINUTES, act="sign out everybody")
def sign_out_everybody() -> BaseResponse:
    """End every session of every account, including the administrator's own."""
    in_batches(current_db(), lambda db: lifecycle.end_batch(db, "ended_by_admin"))
    return _done(Event.ALL_SESSIONS_ENDED, None)


def _account(account_id: str) -> Account:
    account = current_db().get(Account, account_id)
    if account is None:
        raise NoSuchAccount("no such account")
    return account


def _enabled_account(account_id: str) -> Account:
    """The account, locked. Raises NoSuchAccount, also for a disabled account, which cannot use a link."""
    account = current_db().get(Account, account_id, with_for_update=True, populate_existing=True)
    if account is None or account.disabled_at is not None:
        raise NoSuchAccount("no such account, or disabled")
    return account


def _done(event: Event, account_id: str | None) -> BaseResponse:
    audit.record(event, "success", account=account_id, by=current_claims().subject)
    return redirect(url_for("admin.accounts"), 303)
