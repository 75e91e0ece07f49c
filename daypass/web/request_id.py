"""The id of a request, in its response, in log lines and in audit events."""

import random
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

ENVIRON_KEY = "daypass.request_id"  # not in `flask.g`, which requests nested in one app context share


def request_id(environ: "WSGIEnvironment") -> str:
    """The id of the request: random, unless a trusted proxy sent one (`web.response_headers`)."""
    identifier: str | None = environ.get(ENVIRON_KEY)
    if identifier is None:
        # it only has to be unique; random bytes from the system would release the GIL, which takes much longer
        identifier = environ[ENVIRON_KEY] = f"{random.getrandbits(64):016x}"
    return identifier
