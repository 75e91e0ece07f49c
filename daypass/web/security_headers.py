"""The security headers of every response (OWASP HTTP Headers Cheat Sheet)."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from flask import request

from daypass.settings.definitions import Settings
from daypass.web.start_response import Headers

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

FORMS = "form-action 'self'"
NOT_EMBEDDED = "base-uri 'none'; object-src 'none'; frame-ancestors 'none'"
PAGE_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    f"{FORMS}; {NOT_EMBEDDED}"
)
# of pages in a layout of the app, whose styles, scripts and pictures Daypass does not know
LAYOUT_POLICY = f"{FORMS}; {NOT_EMBEDDED}"
# of pages under another host, which load nothing: only the style that is written into them, by its hash
BARE_POLICY = (
    "default-src 'none'; style-src {}; form-action 'none'; frame-ancestors 'none'; base-uri 'none'; object-src 'none'"
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
# keys in the environ: a response that a proxy may relay under another host, a file of the static site, the origin to
# which the forms of the page may be redirected, and the hash of the style that is written into the page
RELAYED, SITE_FILE, FORM_TARGET = "daypass.relayed", "daypass.site_file", "daypass.form_target"
INLINED_STYLE = "daypass.inlined_style"
# a response that Daypass made, and one of a view with `@token_required`
OWN_RESPONSE, GATED_RESPONSE = "daypass.own_response", "daypass.gated_response"


class SecurityHeaders:
    """The security headers of each kind of response, prepared once from the settings."""

    def __init__(self, settings: Settings) -> None:
        shared = PAGE_HEADERS | {"Cache-Control": "no-store"}  # unless the view allows caches to store it
        self._page_policy = LAYOUT_POLICY if settings.layout else PAGE_POLICY
        page, data = shared | _policy(self._page_policy), shared | _policy(DATA_POLICY)
        hsts = {"Strict-Transport-Security": _hsts(settings)} if settings.https else {}
        self._page, self._data = list((page | hsts).items()), list((data | hsts).items())
        self._relayed_page, self._relayed_data = list(page.items()), list(data.items())
        self._site = list((SITE_HEADERS | _policy(settings.site_csp) | hsts).items())
        self._names = {name.lower() for name, _ in [*self._page, *self._site]}

    def missing(self, environ: "WSGIEnvironment", sent: Headers) -> Iterable[tuple[str, str]]:
        """The headers to add to a response with the headers `sent`. Those that the view has set are kept."""
        kept, content_type = set(), ""
        for name, value in sent:
            name = name.lower()
            if name == "content-type":
                content_type = value
            elif name in self._names:
                kept.add(name)
        wanted = self._wanted(environ, is_page=content_type.startswith("text/html"))
        return wanted if not kept else [header for header in wanted if header[0].lower() not in kept]

    def _wanted(self, environ: "WSGIEnvironment", *, is_page: bool) -> Headers:
        if INLINED_STYLE in environ and is_page:
            shared = self._relayed_page if RELAYED in environ else self._page
            return list((dict(shared) | _policy(BARE_POLICY.format(environ[INLINED_STYLE]))).items())
        if RELAYED in environ:
            return self._relayed_page if is_page else self._relayed_data
        if SITE_FILE in environ:
            return self._site
        if FORM_TARGET in environ and is_page:
            policy = self._page_policy.replace(FORMS, f"{FORMS} {environ[FORM_TARGET]}")
            return list((dict(self._page) | _policy(policy)).items())
        return self._page if is_page else self._data


def allow_form_to(origin: str) -> None:
    """Allow the forms of this response to be redirected to another, trusted origin.

    Chromium applies `form-action` to redirects too (CSP Level 3 section 6.4.1).
    """
    request.environ[FORM_TARGET] = origin


def allow_only_style(source: str) -> None:
    """Allow this response no content but the style with this hash, a `hash-source` of CSP Level 3 section 2.3.1."""
    request.environ[INLINED_STYLE] = source


def _policy(policy: str) -> dict[str, str]:
    return {"Content-Security-Policy": policy} if policy else {}


def _hsts(settings: Settings) -> str:
    return f"max-age={TWO_YEARS}" + ("; includeSubDomains" if settings.hsts_subdomains else "")
