"""Count every request, for `/metrics`."""

import time
from collections.abc import Iterable
from typing import TYPE_CHECKING

from flask import Flask, current_app

from daypass.gate import Refusal
from daypass.metrics.counters import Metrics
from daypass.metrics.stored import StoredMetrics
from daypass.runtime import Runtime
from daypass.web.page_url import BLUEPRINT, own_name
from daypass.web.security_headers import RELAYED, SITE_FILE
from daypass.web.start_response import Headers, before_response
from daypass.web.verdict import VERDICT

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

KEY = "daypass_metrics"  # in `app.extensions`
STATIC = f"{BLUEPRINT}.static"


def init_app(app: Flask, runtime: Runtime) -> None:
    """Count the requests and audit events of this app from now on."""
    metrics = Metrics(runtime.audit, StoredMetrics(runtime.session_factory))
    app.extensions[KEY] = metrics
    app.wsgi_app = RequestCounter(app.wsgi_app, metrics)  # type: ignore[method-assign]


def current_metrics() -> Metrics:
    """The metrics of the current app."""
    found: Metrics = current_app.extensions[KEY]
    return found


class RequestCounter:
    """WSGI middleware that counts requests, and measures the time until the response begins."""

    def __init__(self, app: "WSGIApplication", metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        started = time.monotonic()

        def count(status: str, headers: Headers) -> None:
            self._count(environ, int(status[:3]), time.monotonic() - started)

        return self._app(environ, before_response(start_response, count))

    def _count(self, environ: "WSGIEnvironment", status: int, seconds: float) -> None:
        self._metrics.count_request(environ["REQUEST_METHOD"], status, _endpoint(environ), seconds)
        verdict = environ.get(VERDICT)
        if isinstance(verdict, Refusal) and status == 401:
            self._metrics.count_refusal(verdict.error.fault.name)


def _endpoint(environ: "WSGIEnvironment") -> str:
    """The kind of the endpoint: the name of its blueprint or of the proxy check, `static`, or `none`."""
    if RELAYED in environ:
        return str(environ[RELAYED])
    if SITE_FILE in environ:
        return "site"
    endpoint = environ["werkzeug.request"].endpoint or "none"
    blueprint, dot, _ = (own_name(endpoint) or endpoint).rpartition(".")
    return blueprint if dot else ("static" if endpoint == STATIC else "none")
