"""Count every request, for `/metrics`."""

import time
from functools import partial

from flask import Flask, Request, Response, current_app
from flask.globals import request_ctx

from daypass.gate import Refusal
from daypass.metrics.counters import Metrics
from daypass.metrics.stored import StoredMetrics
from daypass.runtime import Runtime
from daypass.web.verdict import VERDICT

STARTED = "daypass.started"  # key in the environ: monotonic time


def init_app(app: Flask, runtime: Runtime) -> None:
    """Count the requests and audit events of this app from now on."""
    metrics = Metrics(runtime.audit, StoredMetrics(runtime.session_factory))
    app.extensions["daypass_metrics"] = metrics
    app.before_request(_start)
    app.after_request(partial(_count, metrics))


def current_metrics() -> Metrics:
    """The metrics of the current app."""
    found: Metrics = current_app.extensions["daypass_metrics"]
    return found


def _start() -> None:
    request_ctx.request.environ[STARTED] = time.monotonic()


def _count(metrics: Metrics, response: Response) -> Response:
    request, now = request_ctx.request, time.monotonic()  # looked up once, because the proxy is slow
    environ = request.environ
    seconds = now - environ.get(STARTED, now)
    metrics.count_request(environ["REQUEST_METHOD"], response.status_code, _endpoint(request), seconds)
    verdict = environ.get(VERDICT)
    if isinstance(verdict, Refusal) and response.status_code == 401:
        metrics.count_refusal(verdict.error.fault.name)
    return response


def _endpoint(request: Request) -> str:
    """The kind of the endpoint: the name of its blueprint, `static`, or `none`."""
    blueprint, dot, _ = (request.endpoint or "none").rpartition(".")
    return blueprint if dot else ("static" if request.endpoint == "static" else "none")
