"""What is checked of every request before its view runs."""

from flask import request

from daypass.throttling.body_reader import BodyReader
from daypass.web.cookie_header import refuse_long_cookie
from daypass.web.csrf import refuse_cross_site
from daypass.web.host_header import refuse_unknown_host
from daypass.web.request_body import read_body
from daypass.web.settings import current_settings


def check_request(reader: BodyReader) -> None:
    """Refuse requests for other hosts, from other sites or with too many cookies, and read the body."""
    environ = request.environ
    refuse_unknown_host(environ, current_settings())
    refuse_long_cookie(environ)
    refuse_cross_site(environ)
    read_body(environ, reader)
