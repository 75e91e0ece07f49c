"""API tokens for tests: made without the form, for any hosts, and also as they were made before they had any."""

from datetime import UTC, datetime

from flask import Flask

from daypass.database.models import Account
from daypass.database.transactions import write_transaction
from daypass.net.client import Client
from daypass.sessions import issuing, kinds, lifecycle
from daypass.sessions.issuing import Lifetime
from daypass.tokens import codec
from daypass.tokens.claims import Claims
from daypass.web.context import current_db, current_runtime

OWN = "127.0.0.1"  # Daypass's own host, with the default settings
DAY = 86_400


def new_api_token(
    app: Flask, account_id: str, hosts: list[str] | None = None, roles: list[str] | None = None
) -> tuple[Claims, str]:
    """An API token of this account. Without hosts it is like those from before there were any: no claim, no column."""
    scope = {} if hosts is None else {"hosts": hosts}
    with app.app_context():
        with write_transaction(current_db()):
            account = current_db().get_one(Account, account_id)
            session = lifecycle.start(
                current_db(),
                account,
                client=Client("192.0.2.1", "Test"),
                now=datetime.now(UTC),
                lifetime=Lifetime(30 * DAY, 30 * DAY),
                kind=kinds.API_TOKEN,
                name="nightly",
                roles=roles or [],
                **scope,
            )
            claims = issuing.session_claims(session, account, issuer=current_runtime().settings.base_url)
        return claims, codec.encode(claims, current_runtime().keys.current().signing)


def bearer(token: str) -> dict[str, str]:
    """The header with which a program sends its token."""
    return {"Authorization": f"Bearer {token}"}
