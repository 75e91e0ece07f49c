"""Audit events with the facts of the current request."""

import secrets

from flask import g, has_request_context, request

from daypass.audit import log
from daypass.audit.events import Event
from daypass.audit.log import Outcome
from daypass.web.client import client_address
from daypass.web.settings import current_settings


def record(event: Event, outcome: Outcome, **facts: str | None) -> None:
    """Log an event with the client and request that caused it.

    Never pass a password or a token.
    """
    log.record(event, outcome, **_request_facts() | facts)


def request_id() -> str:
    """The id of the current request, the same in the log and on an error page."""
    if "_daypass_request_id" not in g:
        g._daypass_request_id = secrets.token_hex(8)
    identifier: str = g._daypass_request_id
    return identifier


def _request_facts() -> dict[str, str | None]:
    if not has_request_context():
        return {"address": None, "path": None, "request": None}
    return {
        "address": client_address(current_settings()),
        "method": request.method[:16],
        "path": request.path[:256],
        "user_agent": request.user_agent.string[:256],
        "request": request_id(),
    }
