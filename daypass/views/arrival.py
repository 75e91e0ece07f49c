"""Where somebody who came in goes on to, with which cookie, and what is left of it when they leave."""

from collections.abc import Mapping
from urllib.parse import urlsplit

from flask import redirect, url_for
from werkzeug.wrappers import Response as BaseResponse

from daypass import cookies, edge, events, gate
from daypass.entering import signed
from daypass.errors import Unavailable
from daypass.extensions import process
from daypass.tokens import Claims
from daypass.urls import HOME, safe_path, safe_url

DOORS = ("signin.login", "signin.logout", "signup.signup", "signup.setup")  # no page to come back to


def held_session() -> str | None:
    """The id of the session that this browser holds already, if any."""
    held = gate.visitor()
    return held.claims.session_id if held else None


def enter(claims: Claims, target: str, event: str) -> BaseResponse:
    """Send a browser on with its new cookie, and log how it came in."""
    events.record(event, "success", account=claims.subject, session=claims.session_id)
    response = redirect(target, 303)
    cookies.put(response, process().settings, signed(claims), claims)
    return response


def leave(response: BaseResponse) -> BaseResponse:
    """Clear the cookie, and what the browser keeps of a site, lest its Back button show it (W3C Clear Site Data)."""
    settings = process().settings
    cookies.clear(response, settings)
    if settings.site:
        response.headers["Clear-Site-Data"] = '"cache"'
    return response


def way_back(target: str | None) -> str:
    """The page to go to after signing in: the one asked for, if it is on a host of the rules, or on this site.

    A door itself is no page to go to.
    """
    if url := other_host(target):
        return url
    path = safe_path(target)
    return HOME if path.partition("?")[0] in map(url_for, DOORS) else path


def open_way_back(target: str | None) -> None:
    """Let the form of the current answer lead to another host, if the way back does."""
    if url := other_host(target):
        parts = urlsplit(url)
        edge.allow_form_to(f"{parts.scheme}://{parts.netloc}")


def other_host(target: str | None) -> str | None:
    """The URL of a page on another host, if that is one that the rules name."""
    settings = process().settings
    url = safe_url(target, settings.base_url, ruled_hosts())
    return None if url is None or url.startswith(tuple(f"{origin}/" for origin in settings.origins)) else url


def ruled_hosts() -> Mapping[str, int | None]:
    """The hosts that the rules name. That there are no rules that can be used is no reason to keep anybody out here."""
    try:
        return process().rules.rules.hosts
    except Unavailable:
        return {}


def shares_cookie(url: str) -> bool:
    """Whether a page is on another host to which our cookie is sent: who is sent to any other comes back at once."""
    host, domain = urlsplit(url).hostname or "", process().settings.cookie_domain
    return bool(domain) and f".{host}".endswith(f".{domain}")
