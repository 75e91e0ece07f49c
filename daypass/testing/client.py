"""A test client that is signed in, without a sign-in form and without the time of a password hash."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from daypass.accounts import accounts, queries
from daypass.accounts.errors import NoSuchAccount
from daypass.database.models import Account
from daypass.database.transactions import write_transaction
from daypass.net.client import Client
from daypass.runtime import Runtime, Verifier
from daypass.sessions import issuing, lifecycle
from daypass.sessions.issuing import Lifetime
from daypass.settings.definitions import Settings
from daypass.testing.stand_in import issue_pass
from daypass.tokens import codec
from daypass.web.context import current_db, current_gate, current_runtime

HEADERS = {"HTTP_SEC_FETCH_SITE": "same-origin"}  # in the WSGI environ; without it unsafe requests are refused


def signed_in(app: Flask, name: str, *, roles: Iterable[str] = ()) -> FlaskClient:
    """Return a test client that is signed in as the account with this name.

    The account is created if it does not exist. It then has exactly these roles, which ends its other sessions if it
    had others before. In an app whose passes another Daypass issues, there is no account, and the pass is one that this
    Daypass could have issued. The client sends its requests to DAYPASS_BASE_URL. Raises InvalidName or InvalidRole, and
    RuntimeError if the app has no Daypass.
    """
    with app.app_context():
        runtime = current_gate()
        if isinstance(runtime, Verifier):
            token = issue_pass(app, runtime, name, roles)
        else:
            token = _new_session(current_runtime(), name, sorted(roles))
    return _with_cookie(app, runtime.settings, token)


def _new_session(runtime: Runtime, name: str, roles: list[str]) -> str:
    """The token of a new session of the account with this name and these roles."""
    runtime.start()
    settings, signing = runtime.settings, runtime.keys.current().signing
    lifetime = Lifetime(settings.token_lifetime, settings.token_lifetime)
    with write_transaction(current_db()):
        account = _account(current_db(), name, roles)
        visitor = Client("127.0.0.1", "a test client")
        session = lifecycle.start(current_db(), account, client=visitor, now=datetime.now(UTC), lifetime=lifetime)
        claims = issuing.session_claims(session, account, issuer=settings.issuer)
    return codec.encode(claims, signing)


def _with_cookie(app: Flask, settings: Settings, token: str) -> FlaskClient:
    client = _at(settings.base_url, app)
    client.set_cookie(settings.cookie_name, token, domain=urlsplit(settings.base_url).hostname or "")
    return client


def _account(db: Session, name: str, roles: list[str]) -> Account:
    try:
        account = queries.find(db, name)
    except NoSuchAccount:
        return accounts.create_without_password(db, name, roles)
    if account.roles != roles:
        accounts.set_roles(db, account, roles)
    return account


def _at(base_url: str, app: Flask) -> FlaskClient:
    """A client of the app's own class whose requests are for this URL."""

    class ClientAt(app.test_client_class or FlaskClient):  # type: ignore[misc]
        def open(self, *args: Any, **options: Any) -> TestResponse:
            response: TestResponse = super().open(*args, **{"base_url": base_url} | options)
            return response

    client: FlaskClient = ClientAt(app, app.response_class, use_cookies=True)
    client.environ_base |= HEADERS
    return client
