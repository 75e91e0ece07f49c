"""Every way of ending a session is noted in the process's own replica at the commit, before anything is read again."""

from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from daypass.accounts import accounts
from daypass.database.models import Account, AuthSession
from daypass.database.transactions import write_transaction
from daypass.net.client import Client
from daypass.runtime import Runtime
from daypass.sessions import dropped_keys, lifecycle
from daypass.sessions.issuing import Lifetime
from daypass.sessions.lifecycle import MAX_LIVE_SESSIONS
from daypass.tokens.claims import Claims
from daypass.tokens.errors import InvalidToken
from tests.conftest import Person

pytestmark = pytest.mark.each_database


def start_too_many(db: Session, claims: Claims) -> None:
    account, client = db.get_one(Account, claims.subject), Client("192.0.2.1", "Test")
    for _ in range(MAX_LIVE_SESSIONS):
        lifecycle.start(db, account, client=client, now=claims.expires_at, lifetime=Lifetime(60, 60))
        lifecycle.start(db, account, client=client, now=claims.auth_time, lifetime=Lifetime(60, 60))


def drop_its_key(db: Session, claims: Claims) -> None:
    dropped_keys.drop(db, db.get_one(AuthSession, claims.session_id).kid or "")


def of_account(act: Callable[[Session, Account], None]) -> Callable[[Session, Claims], None]:
    return lambda db, claims: act(db, db.get_one(Account, claims.subject))


WAYS: dict[str, Callable[[Session, Claims], object]] = {
    "end": lambda db, claims: lifecycle.end(db, claims.session_id, "signed_out"),
    "end one's own": lambda db, claims: lifecycle.end_own(db, claims.subject, claims.session_id, "ended_by_owner"),
    "end all of an account": lambda db, claims: lifecycle.end_all(db, claims.subject, "ended_by_admin"),
    "end everyone's": lambda db, claims: lifecycle.end_everyone(db, "ended_by_admin"),
    "make room": start_too_many,
    "drop its key": drop_its_key,
    "change the password": of_account(lambda db, account: accounts.set_password(db, account, "another hash")),
    "change the roles": of_account(lambda db, account: accounts.set_roles(db, account, ["editor"])),
    "disable the account": of_account(accounts.disable),
    "delete the account": of_account(accounts.delete),
}


def is_refused(runtime: Runtime, claims: Claims) -> bool:
    """Whether the replica as it is refuses the session: nothing is read here."""
    try:
        runtime.revocations.check(claims.session_id)
    except InvalidToken:
        return True
    return False


@pytest.mark.parametrize("way", WAYS)
def test_a_session_is_refused_from_the_commit_on(app: Flask, sign_in: Callable[..., Person], way: str) -> None:
    runtime, claims = app.extensions["daypass"], sign_in("alice").claims
    with runtime.session_factory() as db, write_transaction(db):
        WAYS[way](db, claims)
        assert not is_refused(runtime, claims)
    assert is_refused(runtime, claims)


@pytest.mark.parametrize("way", WAYS)
def test_what_is_rolled_back_is_not_noted(app: Flask, sign_in: Callable[..., Person], way: str) -> None:
    runtime, claims = app.extensions["daypass"], sign_in("alice").claims
    with runtime.session_factory() as db:
        with pytest.raises(ZeroDivisionError), write_transaction(db):
            WAYS[way](db, claims)
            raise ZeroDivisionError
        with write_transaction(db):
            pass
    assert not is_refused(runtime, claims)
