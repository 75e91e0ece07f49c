"""Guest links, for administrators: list, create and revoke them."""

from collections.abc import Callable
from functools import partial
from typing import TypeVar

from flask import Blueprint, make_response, request
from werkzeug.wrappers import Response as BaseResponse
from wtforms import Field

from daypass.accounts import accounts
from daypass.audit.entry import page_facts
from daypass.audit.events import Event
from daypass.database.transactions import write_transaction
from daypass.guest_links import links
from daypass.guest_links.errors import NotShareable
from daypass.guest_links.links import MAX_DAYS, Terms
from daypass.tokens.link_codes import code_url
from daypass.web import audit
from daypass.web.confirm_act import confirm_page
from daypass.web.context import current_db, current_runtime
from daypass.web.flash import redirect_with_message
from daypass.web.forms import GuestLinkForm
from daypass.web.gate import current_claims, token_required
from daypass.web.page_url import page_url
from daypass.web.reauthentication import TEN_MINUTES
from daypass.web.rendering import render_page
from daypass.web.shared_pages import check_label, expiry, shareable_target

pages = Blueprint("guest_links", __name__, url_prefix="/admin/guest-links")

LIST = "guest_links.guest_links"
T = TypeVar("T")


@pages.get("", endpoint="guest_links")
@token_required(role=accounts.ADMIN)
def show_links() -> str:
    return _page(GuestLinkForm())


@pages.post("", endpoint="create")
@token_required(role=accounts.ADMIN, fresh=TEN_MINUTES, act="share a page by a guest link")
def create() -> BaseResponse:
    """Create a guest link, and show it, once. Raises TooManyGuestLinks."""
    form, db, creator_id = GuestLinkForm(request.form), current_db(), current_claims().subject
    terms = _terms(form)
    if terms is None:
        return make_response(_page(form), NotShareable.status)
    with write_transaction(db):
        code = links.create(db, creator_id, terms)
        facts = page_facts(terms.target.host, terms.target.path)
        audit.record_with(db, Event.GUEST_LINK_CREATED, by=creator_id, **facts)
    link = code_url(current_runtime().settings.pages_url + links.PATH, code)
    return make_response(render_page("daypass/pages/guest_link_created.html", link=link, terms=terms, back=LIST))


@pages.get("/<link_id>/revoke")
@token_required(role=accounts.ADMIN)
def confirm_revoke(link_id: str) -> str:
    """Say what revoking the link will do. Raises NoSuchGuestLink."""
    shared = links.get(current_db(), link_id)
    consequences = [
        f"It opens {shared.address}. Everybody who has opened it is refused there from the next request on.",
        "This cannot be undone. You can create another link to the same page.",
    ]
    title, action = f"Revoke the link “{shared.label}”?", page_url("guest_links.revoke", link_id=link_id)
    return confirm_page(title, consequences, button="Revoke this link", action=action, back=page_url(LIST))


@pages.post("/<link_id>/revoke")
@token_required(role=accounts.ADMIN, fresh=TEN_MINUTES, act="revoke the guest link")
def revoke(link_id: str) -> BaseResponse:
    """Revoke a guest link of any administrator. Raises NoSuchGuestLink."""
    db, claims = current_db(), current_claims()
    with write_transaction(db):
        shared = links.revoke(db, link_id)
        facts = page_facts(shared.host, shared.path)
        audit.record_with(db, Event.GUEST_LINK_REVOKED, by=claims.subject, link=shared.id, **facts)
    message = f"The link “{shared.label}” was revoked. It does not open anything any more."
    return redirect_with_message(current_runtime().settings, claims.session_id, message, LIST)


def _terms(form: GuestLinkForm) -> Terms | None:
    """The terms in the form; None if a field is wrong, which has an error."""
    is_complete = form.validate()
    if form.days.errors:  # only a page that is out of date, or no browser, sends such a value
        form.days.errors = ["Choose one of these."]
    days = int(form.days.data) if is_complete else MAX_DAYS
    target = _valid(form.url, partial(shareable_target, current_runtime()))
    label = _valid(form.label, check_label)
    expires_at = _valid(form.until, lambda until: expiry(days, until.strip()))
    if not is_complete or target is None or label is None or expires_at is None:
        return None
    return Terms(target, label, expires_at)


def _valid(field: Field, read: Callable[[str], T]) -> T | None:
    """The value of a field; None if it is wrong, which sets the field's errors."""
    try:
        return read(field.data or "")
    except NotShareable as error:
        field.errors = [error.message]
        return None


def _page(form: GuestLinkForm) -> str:
    return render_page("daypass/pages/guest_links.html", form=form, links=links.list_links(current_db()))
