"""The page of a guest link: says what it opens, and opens it."""

from flask import Blueprint, Response, make_response, redirect, request
from werkzeug.wrappers import Response as BaseResponse

from daypass.audit.entry import page_facts
from daypass.audit.events import Event
from daypass.database.transactions import write_transaction
from daypass.guest_links import links
from daypass.guest_links.errors import InvalidGuestLink
from daypass.web import audit, guests
from daypass.web.context import current_db, current_runtime
from daypass.web.forms import OpenGuestLinkForm
from daypass.web.link_pages import invalid_link_page, link_page
from daypass.web.rendering import render_page
from daypass.web.return_to import allow_form_redirect
from daypass.web.shared_pages import shared_url

pages = Blueprint("guest", __name__)


@pages.get(links.PATH)
def guest() -> Response:
    """Say what the link opens. Nothing changes, so a mail scanner that visits it leaves no trace."""
    form = OpenGuestLinkForm(request.args)
    try:
        shared = links.find(current_db(), form.code.data or "")
        url = shared_url(current_runtime(), shared)
    except InvalidGuestLink as error:
        return _refusal(error)
    allow_form_redirect(current_runtime(), url)
    return link_page(make_response(render_page("daypass/pages/guest.html", form=form, shared=shared)))


@pages.post(links.PATH, endpoint="open")
def open_link() -> BaseResponse:
    """Let this browser open the pages of the link, and go there. The visitor's own session stays as it is."""
    runtime, db, code = current_runtime(), current_db(), OpenGuestLinkForm(request.form).code.data or ""
    try:
        with write_transaction(db):
            shared = links.find(db, code)
            url = shared_url(runtime, shared)
            links.note_opened(db, shared.id)
            facts = page_facts(shared.host, shared.path)
            audit.record_with(db, Event.GUEST_LINK_OPENED, link=shared.id, **facts)
    except InvalidGuestLink as error:
        return _refusal(error)
    response = link_page(make_response(redirect(url, 303)))
    guests.remember(runtime, request.environ, response, code, shared)
    return response


def _refusal(error: InvalidGuestLink) -> Response:
    audit.record(Event.GUEST_LINK_OPENED, "failure", reason=error.reason)
    return invalid_link_page(error)
