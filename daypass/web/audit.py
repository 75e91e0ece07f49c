"""One JSON line for each authentication event (OWASP Logging Cheat Sheet, ASVS V16)."""

import json
import secrets
from datetime import UTC, datetime

from flask import g, has_request_context, request

from daypass.audit.log import log
from daypass.web import trusted_proxies


def record(event: str, outcome: str, **facts: str | None) -> None:
    """Log an event: `sign_in`, `token_refused` ...; outcome is `success` or `failure`.

    Never give it a password or a token. Everything else is escaped: control characters cannot start a new line.
    """
    line = {"time": datetime.now(UTC).isoformat(timespec="milliseconds"), "event": event, "outcome": outcome}
    log.info(json.dumps(line | _request_facts() | facts, ensure_ascii=True), extra={"event": f"{event} {outcome}"})


def request_id() -> str:
    """The id of the current request, the same in the log and on an error page."""
    if "request_id" not in g:
        g.request_id = secrets.token_hex(8)
    identifier: str = g.request_id
    return identifier


def _request_facts() -> dict[str, str | None]:
    if not has_request_context():
        return {"address": None, "path": None, "request": None}
    return {
        "address": trusted_proxies.client_address(request),
        "method": request.method[:16],
        "path": request.path[:256],
        "user_agent": request.user_agent.string[:256],
        "request": request_id(),
    }
