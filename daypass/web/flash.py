"""A message about an act that was just done, which the next page shows.

It is in the URL of the redirect, encrypted and bound to the visitor's session. So nobody can craft a link that shows a
message to somebody else.
"""

import json
from typing import Any

from cryptography.fernet import InvalidToken
from flask import redirect, request, url_for
from werkzeug.wrappers import Response

from daypass.keys.encryption import fernet
from daypass.settings.definitions import Settings

PARAMETER = "done"
VALID_SECONDS = 60
PURPOSE = b"daypass flash messages"


def redirect_with_message(settings: Settings, session_id: str, message: str, endpoint: str, **values: Any) -> Response:
    """Redirect to a page of this site, which shows the message to the visitor with this session.

    values: the arguments of `url_for`.
    """
    return redirect(url_with_message(settings, session_id, message, endpoint, **values), 303)


def url_with_message(settings: Settings, session_id: str, message: str, endpoint: str, **values: Any) -> str:
    """The URL of a page that shows the message, as `redirect_with_message` redirects to."""
    sealed = fernet(settings.secret_keys, PURPOSE).encrypt(json.dumps([session_id, message]).encode()).decode()
    return url_for(endpoint, **{**values, PARAMETER: sealed})


def flash_message(settings: Settings, session_id: str | None) -> str | None:
    """The message in the URL of the request, if it is for this session, and less than a minute old."""
    sealed = request.args.get(PARAMETER)
    if sealed is None or session_id is None:
        return None
    try:
        recipient, message = json.loads(fernet(settings.secret_keys, PURPOSE).decrypt(sealed.encode(), VALID_SECONDS))
    except InvalidToken:
        return None
    return str(message) if recipient == session_id else None
