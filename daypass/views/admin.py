"""Pages for those who look after the site."""

from datetime import UTC, datetime

from flask import Blueprint, redirect, render_template, url_for
from werkzeug.wrappers import Response as BaseResponse

from daypass import accounts, events, sessions
from daypass.database import writing
from daypass.errors import NoSuchAccount, OwnAccount
from daypass.extensions import db
from daypass.fresh import TEN_MINUTES
from daypass.gate import holder, token_required
from daypass.models import Account

pages = Blueprint("admin", __name__, url_prefix="/admin")


@pages.get("", endpoint="accounts")
@token_required(role=accounts.ADMIN)
def list_accounts() -> str:
    rows = accounts.overview(db.session, datetime.now(UTC))
    people, passes = sum(not row.disabled for row in rows), sum(row.live_sessions for row in rows)
    return render_template("daypass/pages/accounts.html", accounts=rows, people=people, passes=passes)


@pages.post("/accounts/<account_id>/sign-out", endpoint="sign_out")
@token_required(role=accounts.ADMIN, fresh=TEN_MINUTES)
def sign_out(account_id: str) -> BaseResponse:
    """Sign somebody out everywhere."""
    with writing(db.session):
        sessions.end_all(db.session, _account(account_id).id, "ended_by_admin")
    return _done("sessions_ended", account_id)


@pages.post("/accounts/<account_id>/disable")
@token_required(role=accounts.ADMIN, fresh=TEN_MINUTES)
def disable(account_id: str) -> BaseResponse:
    """Keep somebody out, at once; not oneself, so that an admin is left."""
    if account_id == holder().subject:
        raise OwnAccount("an admin cannot disable the own account")
    with writing(db.session):
        accounts.disable(db.session, _account(account_id))
    return _done("account_disabled", account_id)


@pages.post("/accounts/<account_id>/enable")
@token_required(role=accounts.ADMIN, fresh=TEN_MINUTES)
def enable(account_id: str) -> BaseResponse:
    """Let somebody sign in again."""
    with writing(db.session):
        accounts.enable(db.session, _account(account_id))
    return _done("account_enabled", account_id)


@pages.post("/sign-out-everybody")
@token_required(role=accounts.ADMIN, fresh=TEN_MINUTES)
def sign_out_everybody() -> BaseResponse:
    """End every session of everybody, one's own included."""
    with writing(db.session):
        sessions.end_everybodys(db.session, "ended_by_admin")
    return _done("all_sessions_ended", None)


def _account(account_id: str) -> Account:
    account = db.session.get(Account, account_id)
    if account is None:
        raise NoSuchAccount("no such account")
    return account


def _done(event: str, account_id: str | None) -> BaseResponse:
    events.record(event, "success", account=account_id, by=holder().subject)
    return redirect(url_for("admin.accounts"), 303)
