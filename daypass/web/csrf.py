"""Protection against cross-site requests (OWASP CSRF Prevention Cheat Sheet)."""

from typing import TYPE_CHECKING

from daypass.audit.events import Event
from daypass.net.request_target import SAFE_METHODS
from daypass.web import audit
from daypass.web.request_errors import CrossSiteRequest
from daypass.web.settings import current_settings

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment


def refuse_cross_site(environ: "WSGIEnvironment") -> None:
    """Raise CrossSiteRequest, logged, for unsafe requests from other sites.

    Fetch Metadata tells where a request comes from, or else Origin.
    """
    if environ["REQUEST_METHOD"] in SAFE_METHODS or _is_same_origin(environ):
        return
    audit.record(Event.CROSS_SITE_REFUSED, "failure", reason=_reported_origin(environ))
    raise CrossSiteRequest("unsafe request from another site")


def _is_same_origin(environ: "WSGIEnvironment") -> bool:
    site, origin = environ.get("HTTP_SEC_FETCH_SITE"), environ.get("HTTP_ORIGIN")
    if site is not None:
        return site in ("same-origin", "none")
    if origin is not None:
        return origin in current_settings().origins
    return "HTTP_COOKIE" not in environ


def _reported_origin(environ: "WSGIEnvironment") -> str:
    return (environ.get("HTTP_ORIGIN") or environ.get("HTTP_SEC_FETCH_SITE") or "not reported")[:256]
