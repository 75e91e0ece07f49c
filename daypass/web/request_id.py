"""The id of the current request, in its response, in log lines and in audit events."""

import secrets

from flask import request

ENVIRON_KEY = "daypass.request_id"  # not in `flask.g`, which requests nested in one app context share


def request_id() -> str:
    """The id of the current request: random, unless `set_request_id` was called first."""
    identifier: str = request.environ.setdefault(ENVIRON_KEY, secrets.token_hex(8))
    return identifier


def set_request_id(identifier: str) -> None:
    """Use an id that somebody trusted has given to the request."""
    request.environ[ENVIRON_KEY] = identifier
