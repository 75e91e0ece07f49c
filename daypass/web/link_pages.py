"""Responses of pages whose URL contains a token."""

from flask import Response, make_response

from daypass.accounts.errors import InvalidLink
from daypass.errors import DaypassError
from daypass.web.rendering import render_page


def link_page(response: Response) -> Response:
    """Keep the URL out of the Referer header and of caches."""
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["Cache-Control"] = "no-store"
    return response


def invalid_link_page(error: DaypassError) -> Response:
    """The page for a link that is expired, used, replaced or forged. It does not reveal which."""
    status, title, message = error.status, error.title, error.message
    if isinstance(error, InvalidLink):
        status, title, message = InvalidLink.status, InvalidLink.title, InvalidLink.message
    page = render_page("daypass/pages/error.html", status=status, title=title, message=message, error_id=None)
    return link_page(make_response(page, status))
