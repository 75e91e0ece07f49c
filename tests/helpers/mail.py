"""Apps that send mail: their settings, addresses of accounts, and delivery without waiting."""

from collections.abc import Sequence

from flask import Flask
from sqlalchemy import select, update

from daypass.accounts import email
from daypass.accounts.mail_delivery import build_sender
from daypass.database.models import Account, Mail
from daypass.database.transactions import write_transaction
from daypass.runtime import Runtime
from daypass.web.context import current_db

SENDER = "Daypass <login@example.org>"


def mail_settings(port: int) -> dict[str, str]:
    """The settings for a mail server on loopback."""
    return {"DAYPASS_MAIL_URL": f"smtp://127.0.0.1:{port}", "DAYPASS_MAIL_FROM": SENDER}


def give_address(app: Flask, account_id: str, address: str | None) -> None:
    """Give an account a confirmed address, without a notice."""
    with app.app_context(), write_transaction(current_db()):
        email.set_address(current_db(), current_db().get_one(Account, account_id), address)


def deliver(app: Flask) -> int:
    """Deliver what is due; returns the number of attempts."""
    runtime: Runtime = app.extensions["daypass"]
    return build_sender(runtime.settings, runtime.session_factory, runtime.keys, runtime.audit).deliver_due()


def mails(app: Flask) -> Sequence[Mail]:
    """The rows of the table, the oldest first."""
    with app.app_context():
        return current_db().scalars(select(Mail).order_by(Mail.created_at)).all()


def make_due(app: Flask) -> None:
    """Let the pause or lease of all waiting messages end now."""
    with app.app_context(), write_transaction(current_db()):
        current_db().execute(update(Mail).values(next_attempt_at=Mail.created_at))
