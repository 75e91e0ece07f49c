"""The URL of the request, as a link or a redirect to it needs it."""

from urllib.parse import quote

from flask import request

SAFE_IN_PATH = "!$&'()*+,/:;=@"  # characters that a path may contain unquoted (RFC 3986 section 3.3)
SAFE_IN_QUERY = SAFE_IN_PATH + '?%[]{}|^`<>"'  # the browser has quoted the query already


def requested_url() -> str:
    """Path and query of the request, quoted as in a URL, in ASCII only."""
    path = quote(request.script_root + request.path, safe=SAFE_IN_PATH)
    return f"{path}?{quote(request.query_string, safe=SAFE_IN_QUERY)}" if request.query_string else path
