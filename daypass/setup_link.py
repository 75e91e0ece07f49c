"""The one-time link with which the first account is made."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

from flask import current_app

from daypass import setup_state, tokens
from daypass.database import writing
from daypass.extensions import db, process
from daypass.models import new_id
from daypass.tokens import Claims


def first_link(tell: Callable[[str], None] | None = None) -> str | None:
    """Create the set-up link, valid for an hour, which revokes the one before; None once set-up is done.

    tell: is called with the link while no other process can create one, so that the link told last is the live one.
    """
    if setup_state.is_done(db.session):
        return None  # without a write, at every later start
    new = claims(datetime.now(UTC).replace(microsecond=0))
    link = _url(tokens.encode(new, process().keys.ring.signing))
    with writing(db.session):
        if not setup_state.replace_link(db.session, new.session_id):
            return None
        if tell is not None:
            tell(link)
    return link


def _url(token: str) -> str:
    site = urlsplit(process().settings.base_url)
    urls = current_app.url_map.bind(site.netloc, url_scheme=site.scheme)
    return urls.build("signup.setup", {"token": token}, force_external=True)


def claims(now: datetime) -> Claims:
    end = now + timedelta(seconds=tokens.SETUP_LIFETIME)
    return Claims(
        issuer=process().settings.base_url,
        purpose=tokens.SETUP,
        subject="setup",
        session_id=new_id(),
        name="",
        roles=(),
        auth_time=now,
        issued_at=now,
        expires_at=end,
        until=end,
    )
