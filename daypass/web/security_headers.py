"""The security headers of every response (OWASP HTTP Headers Cheat Sheet)."""

from flask import Response, g, request

from daypass.settings.definitions import Settings
from daypass.web.settings import current_settings

FORMS = "form-action 'self'"
PAGE_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    f"{FORMS}; base-uri 'none'; object-src 'none'; frame-ancestors 'none'"
)
DATA_POLICY = "default-src 'none'; base-uri 'none'; object-src 'none'; frame-ancestors 'none'; sandbox"
# Features that let a page watch or track its visitor, or reach devices and money. Daypass uses none of them, so the
# header stops scripts that get into a page in spite of the content security policy. Features that pages use or may use
# (clipboard-*, publickey-credentials-*) and harmless ones are not listed.
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
PAGE_HEADERS = HEADERS | {
    "X-Frame-Options": "DENY",
    "Permissions-Policy": ", ".join(f"{feature}=()" for feature in DENIED_FEATURES),
}
# A site's own scripts, frames and pop-ups work; other sites cannot frame it.
SITE_HEADERS = HEADERS | {
    "Cross-Origin-Opener-Policy": "same-origin-allow-popups",
    "X-Frame-Options": "SAMEORIGIN",
    "Cache-Control": "private, no-cache",
}
TWO_YEARS = 63_072_000  # seconds
FORWARD_AUTH = ("nginx", "forward")  # blueprints
SITE_FILE = "_daypass_site_file"  # attribute of a response


def add_headers(response: Response) -> Response:
    """Add the security headers to a response, errors included. Headers that the view has set stay as they are."""
    settings = current_settings()
    headers = _site_headers(settings) if hasattr(response, SITE_FILE) else _page_headers(response)
    if settings.https and not is_relayed():
        headers |= {"Strict-Transport-Security": _hsts(settings)}
    for name, value in headers.items():
        response.headers.setdefault(name, value)
    return response


def mark_site_file(response: Response) -> Response:
    """Mark a response as a file of the site's folder: it gets the site's policy, not that of Daypass's own pages."""
    setattr(response, SITE_FILE, True)
    return response


def is_relayed() -> bool:
    """Whether a proxy may relay the response under another host, so that it must not link to our assets."""
    return request.blueprint in FORWARD_AUTH


def allow_form_to(origin: str) -> None:
    """Allow the forms of this response to be redirected to another, trusted origin.

    `form-action` applies to redirects too (CSP Level 3 section 6.4.1): Chromium would block them.
    """
    g._daypass_form_target = origin


def _hsts(settings: Settings) -> str:
    return f"max-age={TWO_YEARS}" + ("; includeSubDomains" if settings.hsts_subdomains else "")


def _page_headers(response: Response) -> dict[str, str]:
    """The headers of Daypass's own responses. Only public ones may be kept by caches."""
    policy = _page_policy() if response.mimetype == "text/html" else DATA_POLICY
    headers = PAGE_HEADERS | {"Content-Security-Policy": policy}
    if response.cache_control.public:
        return headers
    return headers | {"Cache-Control": "no-store"}


def _page_policy() -> str:
    target = g.get("_daypass_form_target")
    return PAGE_POLICY.replace(FORMS, f"{FORMS} {target}") if target else PAGE_POLICY


def _site_headers(settings: Settings) -> dict[str, str]:
    policy = settings.site_csp
    return SITE_HEADERS | ({"Content-Security-Policy": policy} if policy else {})
