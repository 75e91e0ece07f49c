"""Pages for those who look after the site."""

from datetime import UTC, datetime

from flask import Blueprint, render_template

from daypass import accounts
from daypass.extensions import db
from daypass.gate import token_required

pages = Blueprint("admin", __name__, url_prefix="/admin")


@pages.get("", endpoint="accounts")
@token_required(role=accounts.ADMIN)
def list_accounts() -> str:
    rows = accounts.overview(db.session, datetime.now(UTC))
    people, passes = sum(not row.disabled for row in rows), sum(row.live_sessions for row in rows)
    return render_template("admin.html", accounts=rows, people=people, passes=passes)
