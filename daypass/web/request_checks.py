"""What is checked of every request before its view runs."""

from flask import request

from daypass.throttling.body_reader import BodyReader
from daypass.web.cookie_header import refuse_long_cookie
from daypass.web.csrf import refuse_cross_site
from daypass.web.host_header import refuse_unknown_host
from daypass.web.request_body import read_body


def check_request(reader: BodyReader) -> None:
    """Refuse requests for other hosts, from other sites or with too many cookies, and read the body."""
    refuse_unknown_host(request.environ)
    refuse_long_cookie(request.environ)
    refuse_cross_site(request.environ)
    read_body(request.environ, reader)
