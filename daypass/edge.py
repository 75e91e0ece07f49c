"""What holds for every request and answer: where unsafe requests may come from, headers, errors as page or JSON."""

import logging
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

from flask import Flask, Request, Response, g, json, make_response, render_template, request
from sqlalchemy.exc import DataError, SQLAlchemyError
from werkzeug.exceptions import HTTPException, SecurityError
from werkzeug.http import quote_header_value

from daypass import cookies, events, fresh
from daypass.errors import (
    CrossSite,
    DaypassError,
    Fault,
    InvalidRequest,
    InvalidToken,
    RoleMissing,
    StaleLogin,
    Unavailable,
)
from daypass.extensions import process
from daypass.forms import LoginForm

SAFE_METHODS = {"GET", "HEAD", "OPTIONS", "TRACE"}
FORMS = "form-action 'self'"
PAGE_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    f"{FORMS}; base-uri 'none'; object-src 'none'; frame-ancestors 'none'"
)
DATA_POLICY = "default-src 'none'; base-uri 'none'; object-src 'none'; frame-ancestors 'none'; sandbox"
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
# A site's own scripts, frames and pop-ups work; that nobody else frames it needs no policy of contents.
SITE_HEADERS = HEADERS | {
    "Cross-Origin-Opener-Policy": "same-origin-allow-popups",
    "X-Frame-Options": "SAMEORIGIN",
    "Cache-Control": "private, no-cache",
}
TWO_YEARS = 63_072_000  # seconds
SENTENCES = {
    400: ("Not understood", "The request could not be understood."),
    404: ("Page not found", "There is no page at this address."),
    405: ("Not possible", "This address does not do what was asked of it."),
    413: ("Too large", "What was sent is larger than 64 KiB, so it was not read."),
}
IN_PATH = "!$&'()*+,/:;=@"  # what stands in a path as it is (RFC 3986 section 3.3)
IN_QUERY = IN_PATH + '?%[]{}|^`<>"'  # quoted by the browser already, as far as it did
NOBODY_TO_BLAME = ("Something went wrong", "Something went wrong here. It is not your doing.")

log = logging.getLogger("daypass")


def init_app(app: Flask) -> None:
    """Register the checks, headers and error handlers."""
    app.before_request(refuse_cross_site)
    app.after_request(add_headers)
    app.register_error_handler(DaypassError, on_daypass_error)
    app.register_error_handler(HTTPException, on_http_error)
    app.register_error_handler(SQLAlchemyError, on_database_error)
    app.register_error_handler(Exception, on_surprise)


def navigates(request: Request) -> bool:
    """Whether a browser wants a page to show, rather than a script or program an answer to read."""
    mode = request.headers.get("Sec-Fetch-Mode")
    return mode == "navigate" if mode is not None else "text/html" in request.headers.get("Accept", "").lower()


def refuse_cross_site() -> None:
    """Refuse unsafe requests that another site caused, by the browser's own word (Fetch Metadata, else Origin)."""
    if request.method in SAFE_METHODS or _is_from_here(request):
        return
    events.record("cross_site_refused", "failure", reason=_told_origin(request))
    raise CrossSite("unsafe request from another site")


def _is_from_here(request: Request) -> bool:
    site, origin = request.headers.get("Sec-Fetch-Site"), request.headers.get("Origin")
    if site is not None:
        return site in ("same-origin", "none")
    if origin is not None:
        return origin in process().settings.origins
    return "Cookie" not in request.headers


def _told_origin(request: Request) -> str:
    return (request.headers.get("Origin") or request.headers.get("Sec-Fetch-Site") or "none told")[:256]


def add_headers(response: Response) -> Response:
    """The headers of every answer, errors included; only what depends on nobody may be kept by a cache."""
    response.headers.update(_site_headers() if g.get("of_site") is response else _own_headers(response))
    if process().settings.https and not g.get("elsewhere"):
        response.headers["Strict-Transport-Security"] = f"max-age={TWO_YEARS}; includeSubDomains"
    return response


def elsewhere() -> None:
    """Mark what is answered as shown under another host, by a proxy that copies it: nothing of ours is within reach."""
    g.elsewhere = True


def allow_form_to(origin: str) -> None:
    """Let the forms of this answer be redirected to another origin, which is known to be good.

    `form-action` holds for redirects too (CSP Level 3 section 6.4.1): without it Chromium goes nowhere.
    """
    g.form_target = origin


def of_site(response: Response) -> Response:
    """Mark the answer as a file of the site's folder: it gets the site's policy and not that of Daypass's pages."""
    g.of_site = response
    return response


def _own_headers(response: Response) -> dict[str, str]:
    policy = _page_policy() if response.mimetype == "text/html" else DATA_POLICY
    own = HEADERS | {"Content-Security-Policy": policy}
    if response.cache_control.public:
        return own
    return own | {"Cache-Control": "no-cache" if request.endpoint == "static" else "no-store"}


def _page_policy() -> str:
    target = g.get("form_target")
    return PAGE_POLICY.replace(FORMS, f"{FORMS} {target}") if target else PAGE_POLICY


def _site_headers() -> dict[str, str]:
    policy = process().settings.site_csp
    return SITE_HEADERS | ({"Content-Security-Policy": policy} if policy else {})


def on_daypass_error(error: DaypassError) -> Response:
    """An error of our own, as page or JSON; one that is our fault is logged as well."""
    if error.status >= 500:
        log.error("request %s: %s", events.request_id(), error.reason)
    if isinstance(error, InvalidToken) and navigates(request):
        response = _invalid_token_page(error)
    elif isinstance(error, StaleLogin) and navigates(request):
        response = _confirm_page(error)
    else:
        response = _answer(error.status, error.title, error.sentence)
    if told := challenge(error):
        response.headers["WWW-Authenticate"] = told
    if retry_after := getattr(error, "retry_after", None):
        response.headers["Retry-After"] = str(retry_after)
    return response


def on_http_error(error: HTTPException) -> Response:
    """An error of Werkzeug's or Flask's: 404, 405, 413 ..."""
    status = error.code or 500
    title, sentence = SENTENCES.get(status, NOBODY_TO_BLAME if status >= 500 else SENTENCES[400])
    response = _answer(status, title, sentence)
    for name, value in error.get_headers():
        if name in ("Allow", "Content-Range", "Retry-After"):
            response.headers[name] = value
    return response


def on_database_error(error: SQLAlchemyError) -> Response:
    """The database failed where nobody expected it to: shut, and said so (ASVS 16.5.2).

    Text that it does not take, such as NUL in PostgreSQL, is the request's fault.
    """
    if isinstance(error, DataError):
        return on_daypass_error(InvalidRequest("text that the database does not take"))
    log.error("request %s: the database failed", events.request_id(), exc_info=error)
    return on_daypass_error(Unavailable(f"database: {type(error).__name__}"))


def on_surprise(error: Exception) -> Response:
    """Anything else: the log has it in full, the visitor gets an id that finds it there."""
    log.error("request %s failed", events.request_id(), exc_info=error)
    return _answer(500, *NOBODY_TO_BLAME, error_id=events.request_id())


def _answer(status: int, title: str, sentence: str, *, error_id: str | None = None) -> Response:
    """An error as a page for browsers, as problem details (RFC 9457) for programs."""
    if navigates(request):
        template = "stranger.html" if isinstance(request.routing_exception, SecurityError) else "error.html"
        template = "elsewhere.html" if g.get("elsewhere") else template
        page = render_template(template, status=status, title=title, sentence=sentence, error_id=error_id)
        return make_response(page, status)
    problem: dict[str, Any] = {"type": "about:blank", "title": title, "status": status, "detail": sentence}
    if error_id:
        problem["instance"] = f"urn:daypass:error:{error_id}"
    return Response(json.dumps(problem), status, content_type="application/problem+json")


def _invalid_token_page(error: InvalidToken) -> Response:
    """The page "Invalid token", with the form that leads back to the page asked for; a bad cookie is cleared."""
    asked_for = request.full_path.removesuffix("?") if request.method in ("GET", "HEAD") else None
    form = LoginForm(data={"next": _as_in_url() if asked_for else None})
    page = render_template("invalid_token.html", sentence=error.sentence, asked_for=asked_for, form=form)
    response = make_response(page, error.status)
    if g.get("clear_cookie"):
        cookies.clear(response, process().settings)
    return response


def _as_in_url() -> str:
    """Path and query of the request as they stand in a URL, where all is ASCII."""
    path = quote(request.path, safe=IN_PATH)
    return f"{path}?{quote(request.query_string, safe=IN_QUERY)}" if request.query_string else path


def _confirm_page(error: StaleLogin) -> Response:
    """The page that asks for the password and sends the same form again; the old password field is not among it."""
    fields = [(name, value) for name, value in request.form.items(multi=True) if name != fresh.FIELD]
    page = render_template("confirm.html", action=request.path, fields=fields, error=error, field=fresh.FIELD)
    return make_response(page, error.status)


def challenge(error: DaypassError) -> str | None:
    """The WWW-Authenticate of RFC 6750 section 3: without an error code where no token was sent."""
    if isinstance(error, RoleMissing):
        return bearer(error="insufficient_scope", error_description=f"The role {error.role} is missing.")
    if isinstance(error, StaleLogin):  # RFC 9470 section 3
        description = "The password must have been typed more recently."
        return bearer(
            error="insufficient_user_authentication", error_description=description, max_age=str(error.max_age)
        )
    if isinstance(error, InvalidToken) and error.fault is not Fault.MISSING:
        return bearer(error="invalid_token", error_description=error.sentence)
    return bearer() if error.status == HTTPStatus.UNAUTHORIZED else None


def bearer(**parameters: str) -> str:
    """A challenge of the Bearer scheme; its parameters stand in quotes (RFC 6750 section 3)."""
    told = {"realm": "Daypass", **parameters}.items()
    return "Bearer " + ", ".join(f"{name}={quote_header_value(value, allow_token=False)}" for name, value in told)
