"""Serve: prepare the database, then start workers, each with an app of its own."""

import gc
import sys
from contextlib import nullcontext

import click
from flask import Flask

from daypass import background
from daypass.errors import DaypassError
from daypass.metrics import counters as metrics
from daypass.program import log, server
from daypass.program.app import create_app
from daypass.program.settings import load_settings
from daypass.runtime import Runtime, build_runtime
from daypass.startup import check_port, prepare
from daypass.web import request_metrics


def create_worker() -> Flask:
    """Create the app of one server worker, and start its threads."""
    server.stop_on_sigterm()
    server.end_with_parent()
    server.shorten_switch_interval()
    log.log_all_errors()
    app = create_app()
    runtime: Runtime = app.extensions["daypass"]
    server.on_exit(runtime.close)
    background.start_threads(runtime, app.extensions.get(request_metrics.KEY))
    return app


def serve() -> None:
    """Check the settings, prepare the database, and serve until SIGINT or SIGTERM."""
    import zxcvbn  # noqa: F401  # for new passwords: 17 MiB, which workers share if it is imported before they are forked

    gc.freeze()  # all modules stay: collections skip them, so that workers share their memory
    gc.enable()
    try:
        settings = load_settings()
        check_port(settings.host, settings.port)
        prepare(build_runtime(settings))
    except DaypassError as error:
        sys.exit(f"Daypass does not start: {error}")
    with metrics.shared_folder() if settings.metrics_token else nullcontext():
        server.serve("daypass.program.serving:create_worker", settings)


@click.command("serve")
def command() -> None:
    """Serve until Ctrl-C; what `daypass` does without a command."""
    serve()
