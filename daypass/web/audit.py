"""Audit events with the facts of the request that caused them."""

from typing import TYPE_CHECKING

from flask import current_app, request
from sqlalchemy.orm import Session
from werkzeug.wsgi import get_path_info

from daypass.audit.entry import Outcome
from daypass.audit.events import Event
from daypass.audit.trail import AuditTrail
from daypass.settings.definitions import Settings
from daypass.web.client import client_address
from daypass.web.request_id import request_id
from daypass.web.settings import current_settings

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment


def record(event: Event, outcome: Outcome, **facts: str | None) -> None:
    """Record an event with the client and request that caused it.

    Never pass a password or a token. Call it after the act, outside of write transactions.
    """
    _trail().record(event, outcome, **_current_facts() | facts)


def record_with(db: Session, event: Event, **facts: str | None) -> None:
    """Record a success in the write transaction of the act, with the client and request that caused it.

    Never pass a password or a token.
    """
    _trail().record_with(db, event, **_current_facts() | facts)


def _trail() -> AuditTrail:
    trail: AuditTrail = current_app.extensions["daypass"].audit
    return trail


def _current_facts() -> dict[str, str | None]:
    return request_facts(request.environ, current_settings())


def request_facts(environ: "WSGIEnvironment", settings: Settings) -> dict[str, str | None]:
    """What an event tells of its request."""
    return {
        "address": client_address(environ, settings),
        "method": environ["REQUEST_METHOD"][:16],
        "path": f"/{get_path_info(environ).lstrip('/')}"[:256],
        "user_agent": environ.get("HTTP_USER_AGENT", "")[:256],
        "request": request_id(environ),
    }
