"""Protection against cross-site requests (OWASP CSRF Prevention Cheat Sheet)."""

from flask import Request, request

from daypass.audit.events import Event
from daypass.net.request_target import SAFE_METHODS
from daypass.web import audit
from daypass.web.request_errors import CrossSiteRequest
from daypass.web.settings import current_settings


def refuse_cross_site() -> None:
    """Raise CrossSiteRequest, logged, for unsafe requests from other sites.

    Fetch Metadata tells where a request comes from, or else Origin.
    """
    if request.method in SAFE_METHODS or _is_same_origin(request):
        return
    audit.record(Event.CROSS_SITE_REFUSED, "failure", reason=_reported_origin(request))
    raise CrossSiteRequest("unsafe request from another site")


def _is_same_origin(request: Request) -> bool:
    site, origin = request.headers.get("Sec-Fetch-Site"), request.headers.get("Origin")
    if site is not None:
        return site in ("same-origin", "none")
    if origin is not None:
        return origin in current_settings().origins
    return "Cookie" not in request.headers


def _reported_origin(request: Request) -> str:
    return (request.headers.get("Origin") or request.headers.get("Sec-Fetch-Site") or "not reported")[:256]
