"""Errors that requests cause: the log, problem details for programs (RFC 9457), and headers that tell more."""

import logging
from typing import Any

from flask import Response, json, request

from daypass.audit.events import Event
from daypass.errors import DaypassError
from daypass.throttling.errors import Busy
from daypass.web import audit
from daypass.web.challenges import challenge
from daypass.web.request_id import request_id

log = logging.getLogger("daypass")


def problem(status: int, title: str, message: str, *, error_id: str | None = None, said: str | None = None) -> Response:
    """The response to a program. error_id: of the log entry. said: the gate's exact message."""
    document: dict[str, Any] = {"type": "about:blank", "title": title, "status": status, "detail": message}
    if error_id:
        document["instance"] = f"urn:daypass:error:{error_id}"
    if said:
        document["gate_said"] = said  # an extension member (RFC 9457 section 3.2)
    return Response(json.dumps(document), status, content_type="application/problem+json")


def note_error(error: DaypassError) -> None:
    """Record that the server was too busy, and log other server errors (5xx)."""
    if isinstance(error, Busy):
        audit.record(Event.BUSY, "failure", reason=error.reason)
    elif error.status >= 500:
        log.error("request %s: %s", request_id(request.environ), error.reason)


def with_error_headers(response: Response, error: DaypassError) -> Response:
    """Add what a client needs to try again: WWW-Authenticate and Retry-After."""
    if value := challenge(error):
        response.headers["WWW-Authenticate"] = value
    if retry_after := getattr(error, "retry_after", None):
        response.headers["Retry-After"] = str(retry_after)
    return response
