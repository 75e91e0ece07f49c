"""The page “Account”, which the responses to several forms show."""

from collections.abc import Mapping, Sequence

from flask import make_response
from werkzeug.wrappers import Response

from daypass.accounts import queries
from daypass.tokens.claims import Claims
from daypass.web.context import current_connection
from daypass.web.rendering import render_page


def settings_page(
    claims: Claims, *, errors: Mapping[str, Sequence[str]] | None = None, new_address: str = "", status: int = 200
) -> Response:
    """The page, with the errors of the form that was sent, by field, and the address that it contained."""
    page = render_page(
        "daypass/pages/account_settings.html",
        addresses=queries.addresses(current_connection(), claims.subject),
        errors=errors,
        new_address=new_address,
    )
    return make_response(page, status)
