"""The browser's side of a session: its cookie is set at sign-in and cleared at sign-out."""

from flask import redirect
from werkzeug.wrappers import Response as BaseResponse

from daypass.runtime import process
from daypass.tokens.claims import Claims
from daypass.web import audit, cookies, gate
from daypass.web.sign_in import sign_token


def held_session() -> str | None:
    """The id of the session that this browser holds already, if any."""
    held = gate.visitor()
    return held.claims.session_id if held else None


def enter(claims: Claims, target: str, event: str) -> BaseResponse:
    """Send a browser on with its new cookie, and log how it came in."""
    audit.record(event, "success", account=claims.subject, session=claims.session_id)
    response = redirect(target, 303)
    cookies.put(response, process().settings, sign_token(claims), claims)
    return response


def leave(response: BaseResponse) -> BaseResponse:
    """Clear the cookie, and what the browser keeps of a site, lest its Back button show it (W3C Clear Site Data)."""
    settings = process().settings
    cookies.clear(response, settings)
    if settings.site:
        response.headers["Clear-Site-Data"] = '"cache"'
    return response
