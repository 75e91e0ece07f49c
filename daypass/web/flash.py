"""A message about an act that was just done, which the next page shows.

For a visitor with a session, it is in the URL of the redirect, encrypted and bound to that session. For one whose
session the act has ended, it is in a cookie that the redirect sets, and the page that shows it deletes. So nobody can
craft a link that shows a message to somebody else.
"""

import json
from enum import Enum
from typing import Any

from cryptography.fernet import InvalidToken
from flask import after_this_request, redirect, request
from werkzeug.wrappers import Response

from daypass.keys.encryption import fernet
from daypass.settings.definitions import Settings
from daypass.web import cookies
from daypass.web.credentials import find_cookie
from daypass.web.page_url import page_url

PARAMETER = "done"
VALID_SECONDS = 60
PURPOSE = b"daypass flash messages"


class SignedOutMessage(Enum):
    """What visitors are told who have just ended their session. The name is the value of the cookie."""

    SIGNED_OUT = "You are signed out. Your pass is no longer valid, and neither is any copy of it."
    DELETED = "Your account was deleted, and all its sessions and tokens ended."


def redirect_with_message(settings: Settings, session_id: str, message: str, endpoint: str, **values: Any) -> Response:
    """Redirect to a page of this site, which shows the message to the visitor with this session.

    values: the arguments of `page_url`.
    """
    return redirect(url_with_message(settings, session_id, message, endpoint, **values), 303)


def url_with_message(settings: Settings, session_id: str, message: str, endpoint: str, **values: Any) -> str:
    """The URL of a page that shows the message, as `redirect_with_message` redirects to."""
    sealed = fernet(settings.secret_keys, PURPOSE).encrypt(json.dumps([session_id, message]).encode()).decode()
    return page_url(endpoint, **{**values, PARAMETER: sealed})


def leave_message(response: Response, settings: Settings, message: SignedOutMessage) -> None:
    """Let the next page of this site show the message to this browser, unless it is signed in again by then."""
    cookies.set_message(response, settings, message.name)


def flash_message(settings: Settings, session_id: str | None) -> str | None:
    """The message for the visitor with this session, or for one without a session, who is shown it only once.

    Call it where the page shows the message: the response deletes its cookie.
    """
    return _signed_out_message(settings) if session_id is None else _message_in_url(settings, session_id)


def _message_in_url(settings: Settings, session_id: str) -> str | None:
    """The message, if it is for this session, and less than a minute old."""
    sealed = request.args.get(PARAMETER)
    if sealed is None:
        return None
    try:
        recipient, message = json.loads(fernet(settings.secret_keys, PURPOSE).decrypt(sealed.encode(), VALID_SECONDS))
    except InvalidToken:
        return None
    return str(message) if recipient == session_id else None


def _signed_out_message(settings: Settings) -> str | None:
    """The message that the cookie names."""
    name = find_cookie(request.environ.get("HTTP_COOKIE", ""), settings.message_cookie_name)
    if name is None:
        return None

    @after_this_request
    def delete(response: Response) -> Response:
        cookies.clear_message(response, settings)
        return response

    return SignedOutMessage[name].value if name in SignedOutMessage.__members__ else None
