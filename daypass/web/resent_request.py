"""A request that a password prompt interrupts, and that is restored afterwards.

It is encrypted in the page, so that nobody can read it there. It includes all fields of the form, uploaded files too.
"""

import json
from base64 import b64decode, b64encode
from io import BytesIO
from urllib.parse import urlencode

from cryptography.fernet import InvalidToken
from flask import request

from daypass.keys.encryption import fernet
from daypass.settings.definitions import Settings
from daypass.web.request_body import replace_body
from daypass.web.request_errors import InterruptedRequestLost

FIELD = "interrupted_request"
FORM = "application/x-www-form-urlencoded"
VALID_SECONDS = 600
MAX_BODY_BYTES = 32 * 1024  # encrypted, it is 1.8 times as long, and must fit in a request
PURPOSE = b"daypass interrupted requests"
# attributes in which Werkzeug caches what it parsed from the body
PARSED = ("form", "files", "stream", "data", "values", "_cached_data", "_cached_json", "_parsed_content_type")


def seal(settings: Settings, account_id: str) -> str | None:
    """The current request, encrypted for this account and URL; None if too long.

    After a wrong password, the request contains an interrupted request already, which is returned unchanged.
    """
    if sealed := request.form.get(FIELD):
        return sealed
    content_type, body = _content()
    if body is None or len(body) > MAX_BODY_BYTES:
        return None
    content = {
        "account": account_id,
        "url": request.full_path,
        "type": content_type,
        "body": b64encode(body).decode(),
    }
    return fernet(settings.secret_keys, PURPOSE).encrypt(json.dumps(content).encode()).decode()


def _content() -> tuple[str, bytes | None]:
    """The media type and the body of this request; None for files that the app has read before us."""
    content_type, stream = request.content_type or "", request.environ["wsgi.input"]
    if isinstance(stream, BytesIO):  # of `web/request_body`
        return content_type, stream.getvalue()
    body = request.get_data()
    if body or not request.form:
        return content_type, None if request.files else body
    return FORM, None if request.files else urlencode(list(request.form.items(multi=True))).encode()


def restore(settings: Settings, account_id: str) -> None:
    """Replace the current request with the interrupted one that it contains, if any.

    Raises InterruptedRequestLost if that has expired, or belongs to another account or page.
    """
    sealed = request.form.get(FIELD)
    if sealed is None:
        return
    try:
        content = json.loads(fernet(settings.secret_keys, PURPOSE).decrypt(sealed.encode(), VALID_SECONDS))
    except InvalidToken:
        raise InterruptedRequestLost("too old, or not encrypted here") from None
    if (content["account"], content["url"]) != (account_id, request.full_path):
        raise InterruptedRequestLost("for another account or page")
    _replace_request(b64decode(content["body"]), content["type"])


def _replace_request(body: bytes, content_type: str) -> None:
    replace_body(request.environ, body)
    request.environ["CONTENT_TYPE"] = content_type
    for name in PARSED:
        request.__dict__.pop(name, None)
