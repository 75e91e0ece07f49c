"""The frame of an administrator's act on an account: one transaction with its event, then a message."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from flask import redirect
from werkzeug.wrappers import Response

from daypass.accounts import administrators
from daypass.accounts.errors import AccountGone, NoSuchAccount
from daypass.audit.events import Event
from daypass.database.models import Account
from daypass.database.transactions import write_transaction
from daypass.web import audit
from daypass.web.context import current_db, current_runtime
from daypass.web.current_pass import current_claims
from daypass.web.flash import redirect_with_message
from daypass.web.page_url import page_url
from daypass.web.sign_in import clear_cache

BY_ADMINISTRATOR = {"by": "an administrator"}


@contextmanager
def account_change(account_id: str, event: Event) -> Iterator[Account]:
    """Change an account, whose row is locked, in a transaction that records the event. Raises AccountGone."""
    db, by = current_db(), current_claims().subject
    try:
        with write_transaction(db):
            administrators.lock(db)  # before the row, to avoid deadlocks
            account = db.get(Account, account_id, with_for_update=True, populate_existing=True)
            if account is None:
                raise AccountGone("no such account")
            yield account
            audit.record_with(db, event, account=account_id, by=by)
    except NoSuchAccount as error:
        raise AccountGone(error.reason) from None


def on_account(act: str) -> Callable[..., str]:
    """The words for an act on the account of a view, whose name they contain as `{name}`: `act` of `token_required`."""

    def words(account_id: str, **others: str) -> str:
        account = current_db().get(Account, account_id)
        return act.format(name=account.name if account else "this account")

    return words


def to_account(account_id: str, message: str) -> Response:
    """Redirect to the page of the account, which shows the message."""
    return _redirect(message, "managed_account.account", account_id=account_id)


def to_accounts(message: str) -> Response:
    """Redirect to the list of accounts, which shows the message."""
    return _redirect(message, "admin.accounts")


def to_sign_in(next_page: str) -> Response:
    """Redirect administrators who ended their own session to the sign-in page, and from there to the next one.

    The browser keeps the cookie, so that the page says that the pass was ended, and why.
    """
    return clear_cache(redirect(page_url("signin.login", next=next_page), 303), current_runtime().settings)


def _redirect(message: str, endpoint: str, **values: str) -> Response:
    return redirect_with_message(current_runtime().settings, current_claims().session_id, message, endpoint, **values)
