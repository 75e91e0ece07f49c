"""Problem details for programs (RFC 9457), and the headers that tell more about an error."""

from typing import Any

from flask import Response, json

from daypass.errors import DaypassError
from daypass.web.challenges import challenge


def problem(status: int, title: str, message: str, *, error_id: str | None = None, said: str | None = None) -> Response:
    """The response to a program. error_id: of the log entry. said: the gate's exact message."""
    document: dict[str, Any] = {"type": "about:blank", "title": title, "status": status, "detail": message}
    if error_id:
        document["instance"] = f"urn:daypass:error:{error_id}"
    if said:
        document["gate_said"] = said  # an extension member (RFC 9457 section 3.2)
    return Response(json.dumps(document), status, content_type="application/problem+json")


def with_error_headers(response: Response, error: DaypassError) -> Response:
    """Add what a client needs to try again: WWW-Authenticate and Retry-After."""
    if value := challenge(error):
        response.headers["WWW-Authenticate"] = value
    if retry_after := getattr(error, "retry_after", None):
        response.headers["Retry-After"] = str(retry_after)
    return response
