"""The metrics, for Prometheus."""

import hmac

from flask import Blueprint, Response, abort, request

from daypass.web.context import current_runtime
from daypass.web.request_metrics import current_metrics

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"

pages = Blueprint("metrics", __name__)


@pages.get("/metrics")
def metrics() -> Response:
    """Show the metrics of all worker processes, to those who send the token; 404 for everyone else (ASVS 13.4.5)."""
    runtime, found = current_runtime(), current_metrics()
    sent = request.headers.get("Authorization", "").encode()
    if not hmac.compare_digest(sent, f"Bearer {runtime.settings.metrics_token}".encode()):
        abort(404)
    found.sample(runtime)
    return Response(found.text(), content_type=CONTENT_TYPE)
