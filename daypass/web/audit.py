"""Audit events with the facts of the current request."""

from flask import current_app, has_request_context, request

from daypass.audit.entry import Outcome
from daypass.audit.events import Event
from daypass.audit.trail import AuditTrail
from daypass.web.client import client_address
from daypass.web.request_id import request_id
from daypass.web.settings import current_settings


def record(event: Event, outcome: Outcome, **facts: str | None) -> None:
    """Record an event with the client and request that caused it.

    Never pass a password or a token. Call it after the act, outside of write transactions.
    """
    trail: AuditTrail = current_app.extensions["daypass"].audit
    trail.record(event, outcome, **_request_facts() | facts)


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
