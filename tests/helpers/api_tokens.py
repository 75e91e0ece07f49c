"""Issue API tokens without the form, with any `hosts` claim or with none."""

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
    """Issue an API token for this account.

    With hosts=None it is like tokens issued before scopes existed: no `hosts` claim, and NULL in the database.
    """
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
            claims = issuing.session_claims(session, account, issuer=current_runtime().settings.issuer)
        return claims, codec.encode(claims, current_runtime().keys.current().signing)
