"""What is checked of every request before its view runs."""

from flask import request

from daypass.runtime import Runtime
from daypass.web.cookie_header import refuse_long_cookie
from daypass.web.csrf import refuse_cross_site
from daypass.web.host_header import refuse_unknown_host
from daypass.web.page_url import own_name
from daypass.web.request_body import MAX_BODY_BYTES, read_body
from daypass.web.security_headers import OWN_RESPONSE


def check_request(runtime: Runtime) -> None:
    """Refuse requests for other hosts, from other sites or with too many cookies, and read the body."""
    environ = request.environ
    environ[OWN_RESPONSE] = True
    runtime.start()
    refuse_unknown_host(environ, runtime.settings)
    refuse_long_cookie(environ)
    refuse_cross_site(environ)
    if own_name(request.blueprint) or request.max_content_length is None:
        request.max_content_length = MAX_BODY_BYTES
    read_body(environ, runtime.body_reader)
