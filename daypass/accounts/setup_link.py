"""The one-time link that creates the first account."""

import secrets
from collections.abc import Callable
from datetime import UTC, datetime

from sqlalchemy.orm import Session

from daypass.accounts import setup
from daypass.database.transactions import write_transaction
from daypass.settings.definitions import Settings

PATH = "/setup"  # below the prefix of Daypass's own pages
CODE_BYTES = 24  # 192 bits; ASVS 7.2.3 asks for 128


def create_setup_link(db: Session, settings: Settings, publish: Callable[[str], None] | None = None) -> str | None:
    """Create a set-up link, valid for an hour, and revoke the previous one; None once the set-up is complete.

    publish: called with the link while other processes cannot create one, so that the last published link is valid.
    """
    if setup.is_done(db):
        return None  # avoids a write at every later start
    code = new_code()
    link = f"{settings.base_url}{settings.prefix}{PATH}?code={code}"
    with write_transaction(db):
        if not setup.replace_link(db, code, datetime.now(UTC)):
            return None
        if publish is not None:
            publish(link)
    return link


def new_code() -> str:
    """A random code, in base64url."""
    return secrets.token_urlsafe(CODE_BYTES)
