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
# Features that let a page track its visitor, or access devices and payments. Daypass uses none of them; the header
# stops scripts that are injected despite the content security policy. Harmless features, and those that pages use or
# may use (clipboard-*, publickey-credentials-*), are not listed.
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
# The scripts, frames and pop-ups of the static site work; other sites cannot frame it.
SITE_HEADERS = HEADERS | {
    "Cross-Origin-Opener-Policy": "same-origin-allow-popups",
    "X-Frame-Options": "SAMEORIGIN",
    "Cache-Control": "private, no-cache",
}
TWO_YEARS = 63_072_000  # seconds
FORWARD_AUTH = ("nginx", "forward")  # blueprints
SITE_FILE = "_daypass_site_file"  # marks a response


def add_headers(response: Response) -> Response:
    """Add the security headers to any response.

    Headers that the view has set are kept.
    """
    settings = current_settings()
    headers = _site_headers(settings) if hasattr(response, SITE_FILE) else _page_headers(response)
    if settings.https and not is_relayed():
        headers |= {"Strict-Transport-Security": _hsts(settings)}
    for name, value in headers.items():
        response.headers.setdefault(name, value)
    return response


def mark_site_file(response: Response) -> Response:
    """Mark a response as a file of the static site, which has its own policy."""
    setattr(response, SITE_FILE, True)
    return response


def is_relayed() -> bool:
    """Whether a proxy may relay the response under another host.

    It must not link to our assets then.
    """
    return request.blueprint in FORWARD_AUTH


def allow_form_to(origin: str) -> None:
    """Allow the forms of this response to be redirected to another, trusted origin.

    Chromium applies `form-action` to redirects too (CSP Level 3 section 6.4.1).
    """
    g._daypass_form_target = origin


def _hsts(settings: Settings) -> str:
    return f"max-age={TWO_YEARS}" + ("; includeSubDomains" if settings.hsts_subdomains else "")


def _page_headers(response: Response) -> dict[str, str]:
    """The headers of Daypass's own responses. Caches may store only public ones."""
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
