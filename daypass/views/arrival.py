"""Where somebody who came in goes on to, with which cookie, and what is left of it when they leave."""

from flask import redirect, url_for
from werkzeug.wrappers import Response as BaseResponse

from daypass import cookies, events, gate
from daypass.entering import signed
from daypass.extensions import process
from daypass.tokens import Claims
from daypass.urls import HOME, safe_path

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
    """The page to go to after signing in: the one asked for, if it is on this site and not a door itself."""
    path = safe_path(target)
    return HOME if path.partition("?")[0] in map(url_for, DOORS) else path
