"""What holds for every request and answer: where unsafe requests may come from, and headers."""

from flask import Flask, Request, Response, g, request

from daypass import events
from daypass.cookie_header import TOO_LONG
from daypass.errors import CrossSite, LongCookie
from daypass.extensions import process

SAFE_METHODS = {"GET", "HEAD", "OPTIONS", "TRACE"}
FORMS = "form-action 'self'"
PAGE_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    f"{FORMS}; base-uri 'none'; object-src 'none'; frame-ancestors 'none'"
)
DATA_POLICY = "default-src 'none'; base-uri 'none'; object-src 'none'; frame-ancestors 'none'; sandbox"
# What a page could use to watch, listen to or track its visitor, or to reach devices and money. Daypass needs none of
# it: the header holds for scripts that might get into a page in spite of the content security policy. Left out are
# features that pages use or may come to use (clipboard-*, publickey-credentials-*) and those that ask for nothing.
DENIED_FEATURES = (
    "browsing-topics",
    "camera",
    "display-capture",
    "geolocation",
    "hid",
    "idle-detection",
    "local-fonts",
    "microphone",
    "midi",
    "payment",
    "serial",
    "usb",
)
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
OWN_HEADERS = HEADERS | {
    "X-Frame-Options": "DENY",
    "Permissions-Policy": ", ".join(f"{feature}=()" for feature in DENIED_FEATURES),
}
# A site's own scripts, frames and pop-ups work; that nobody else frames it needs no policy of contents.
SITE_HEADERS = HEADERS | {
    "Cross-Origin-Opener-Policy": "same-origin-allow-popups",
    "X-Frame-Options": "SAMEORIGIN",
    "Cache-Control": "private, no-cache",
}
TWO_YEARS = 63_072_000  # seconds


def init_app(app: Flask) -> None:
    """Register the checks and the headers."""
    app.before_request(refuse_long_cookie)
    app.before_request(refuse_cross_site)
    app.after_request(add_headers)


def refuse_long_cookie() -> None:
    """Raise LongCookie, logged, if the Cookie header was longer than `cookie_header.LONGEST`."""
    if request.environ.get(TOO_LONG):
        events.record("token_refused", "failure", reason="the Cookie header is too long")
        raise LongCookie("the Cookie header is too long")


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
    own = OWN_HEADERS | {"Content-Security-Policy": policy}
    if response.cache_control.public:
        return own
    return own | {"Cache-Control": "no-store"}


def _page_policy() -> str:
    target = g.get("form_target")
    return PAGE_POLICY.replace(FORMS, f"{FORMS} {target}") if target else PAGE_POLICY


def _site_headers() -> dict[str, str]:
    policy = process().settings.site_csp
    return SITE_HEADERS | ({"Content-Security-Policy": policy} if policy else {})
