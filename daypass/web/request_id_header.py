"""The header X-Request-Id: taken from trusted proxies, and sent with every response."""

import re

from flask import Response, request

from daypass.web.client import is_from_trusted_proxy
from daypass.web.request_id import request_id, set_request_id
from daypass.web.settings import current_settings

HEADER = "X-Request-Id"
ACCEPTED = re.compile(r"[A-Za-z0-9._-]{1,64}")


def read_header() -> None:
    """Use the id that a trusted proxy sent. Other text is ignored."""
    reported = request.headers.get(HEADER, "")
    if ACCEPTED.fullmatch(reported) and is_from_trusted_proxy(current_settings()):
        set_request_id(reported)


def add_header(response: Response) -> Response:
    """Add the id to any response."""
    response.headers[HEADER] = request_id()
    return response
