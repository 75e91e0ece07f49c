"""The one-time link that creates the first account."""

from collections.abc import Callable
from datetime import UTC, datetime

from sqlalchemy.orm import Session

from daypass.accounts import setup
from daypass.database.transactions import write_transaction
from daypass.settings.definitions import Settings
from daypass.tokens import link_codes

PATH = "/setup"  # below the prefix of Daypass's own pages


def create_setup_link(db: Session, settings: Settings, publish: Callable[[str], None] | None = None) -> str | None:
    """Create a set-up link, valid for an hour, and revoke the previous one; None once the set-up is complete.

    publish: called with the link while other processes cannot create one, so that the last published link is valid.
    """
    if setup.is_done(db):
        return None  # avoids a write at every later start
    code = link_codes.new_code()
    link = link_codes.code_url(settings.pages_url + PATH, code)
    with write_transaction(db):
        if not setup.replace_link(db, code, datetime.now(UTC)):
            return None
        if publish is not None:
            publish(link)
    return link
