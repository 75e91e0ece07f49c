"""Pages for those who look after the site."""

from datetime import UTC, datetime

from flask import Blueprint, redirect, render_template, url_for
from werkzeug.wrappers import Response as BaseResponse

from daypass.accounts import accounts, queries
from daypass.accounts.errors import CannotDisableSelf, NoSuchAccount
from daypass.database.models import Account
from daypass.database.transactions import write_transaction
from daypass.runtime import db
from daypass.sessions import lifecycle
from daypass.web import audit
from daypass.web.gate import holder, token_required
from daypass.web.reauthentication import TEN_MINUTES

pages = Blueprint("admin", __name__, url_prefix="/admin")


@pages.get("", endpoint="accounts")
@token_required(role=accounts.ADMIN)
def list_accounts() -> str:
    rows = queries.list_accounts(db.session, datetime.now(UTC))
    people, passes = sum(not row.disabled for row in rows), sum(row.live_sessions for row in rows)
    return render_template("admin.html", accounts=rows, people=people, passes=passes)


@pages.post("/accounts/<account_id>/sign-out", endpoint="sign_out")
@token_required(role=accounts.ADMIN, fresh=TEN_MINUTES)
def sign_out(account_id: str) -> BaseResponse:
    """Sign somebody out everywhere."""
    with write_transaction(db.session):
        lifecycle.end_all(db.session, _account(account_id).id, "ended_by_admin")
    return _done("sessions_ended", account_id)


@pages.post("/accounts/<account_id>/disable")
@token_required(role=accounts.ADMIN, fresh=TEN_MINUTES)
def disable(account_id: str) -> BaseResponse:
    """Keep somebody out, at once; not oneself, so that an admin is left."""
    if account_id == holder().subject:
        raise CannotDisableSelf("an admin cannot disable the own account")
    with write_transaction(db.session):
        accounts.disable(db.session, _account(account_id))
    return _done("account_disabled", account_id)


@pages.post("/accounts/<account_id>/enable")
@token_required(role=accounts.ADMIN, fresh=TEN_MINUTES)
def enable(account_id: str) -> BaseResponse:
    """Let somebody sign in again."""
    with write_transaction(db.session):
        accounts.enable(db.session, _account(account_id))
    return _done("account_enabled", account_id)


@pages.post("/sign-out-everybody")
@token_required(role=accounts.ADMIN, fresh=TEN_MINUTES)
def sign_out_everybody() -> BaseResponse:
    """End every session of everybody, one's own included."""
    with write_transaction(db.session):
        lifecycle.end_everyone(db.session, "ended_by_admin")
    return _done("all_sessions_ended", None)


def _account(account_id: str) -> Account:
    account = db.session.get(Account, account_id)
    if account is None:
        raise NoSuchAccount("no such account")
    return account


def _done(event: str, account_id: str | None) -> BaseResponse:
    audit.record(event, "success", account=account_id, by=holder().subject)
    return redirect(url_for("admin.accounts"), 303)
