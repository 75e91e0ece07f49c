"""The one-time link with which the first account is made."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

from flask import current_app

from daypass.accounts import setup
from daypass.database.models import new_id
from daypass.database.transactions import write_transaction
from daypass.runtime import db, process
from daypass.tokens import codec, purposes
from daypass.tokens.claims import Claims


def create_setup_link(tell: Callable[[str], None] | None = None) -> str | None:
    """Create the set-up link, valid for an hour, which revokes the one before; None once set-up is done.

    tell: is called with the link while no other process can create one, so that the link told last is the live one.
    """
    if setup.is_done(db.session):
        return None  # without a write, at every later start
    new = setup_claims(datetime.now(UTC).replace(microsecond=0))
    link = _url(codec.encode(new, process().keys.ring.signing))
    with write_transaction(db.session):
        if not setup.replace_link(db.session, new.session_id):
            return None
        if tell is not None:
            tell(link)
    return link


def _url(token: str) -> str:
    site = urlsplit(process().settings.base_url)
    urls = current_app.url_map.bind(site.netloc, url_scheme=site.scheme)
    return urls.build("signup.setup", {"token": token}, force_external=True)


def setup_claims(now: datetime) -> Claims:
    end = now + timedelta(seconds=purposes.SETUP_LIFETIME)
    return Claims(
        issuer=process().settings.base_url,
        purpose=purposes.SETUP,
        subject="setup",
        session_id=new_id(),
        name="",
        roles=(),
        auth_time=now,
        issued_at=now,
        expires_at=end,
        until=end,
    )
