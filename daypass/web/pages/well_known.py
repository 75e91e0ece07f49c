"""Well-known URLs (RFC 8615): security contact, change of password."""

from datetime import UTC, datetime, timedelta

from flask import Blueprint, Response, abort, redirect
from werkzeug.wrappers import Response as BaseResponse

from daypass.web.context import current_runtime
from daypass.web.page_url import page_url

SECURITY_TXT = "/.well-known/security.txt"
VALID_FOR = timedelta(days=180)  # RFC 9116 section 2.5.5 recommends less than a year

pages = Blueprint("well_known", __name__)


@pages.get(SECURITY_TXT)
def security_txt() -> Response:
    """The contact in DAYPASS_SECURITY_CONTACT (RFC 9116); 404 if none is set.

    `Expires` counts from the day of the request: as long as the server runs, the setting is current.
    """
    settings = current_runtime().settings
    if not settings.security_contact:
        abort(404)
    expires = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0) + VALID_FOR
    fields = {
        "Contact": settings.security_contact,
        "Expires": f"{expires:%Y-%m-%dT%H:%M:%SZ}",
        "Preferred-Languages": "en",
    }
    if settings.https:  # section 2.5.2: a web URI must be https
        fields["Canonical"] = settings.base_url + SECURITY_TXT
    return Response("".join(f"{name}: {value}\n" for name, value in fields.items()), mimetype="text/plain")


@pages.get("/.well-known/change-password")
def change_password() -> BaseResponse:
    """Redirect password managers to the form (W3C change-password-url)."""
    return redirect(page_url("account_settings.settings", _anchor="change-password"))
