"""Confirm the e-mail address of an account, with the link in a mail."""

from flask import Blueprint, Response, make_response, request

from daypass.accounts import email, mail_links
from daypass.accounts.errors import AddressTaken, InvalidLink
from daypass.audit.events import Event
from daypass.database.models import Account
from daypass.database.transactions import write_transaction
from daypass.tokens import purposes
from daypass.tokens.claims import Claims
from daypass.web import audit
from daypass.web.context import current_db, current_runtime
from daypass.web.forms import LinkForm
from daypass.web.link_pages import invalid_link_page, link_page
from daypass.web.notices import request_facts
from daypass.web.rendering import render_page

pages = Blueprint("confirm_address", __name__)


@pages.get("/confirm-address")
def confirm_address() -> Response:
    """Show the address with a button. Nothing changes, so a mail scanner that opens the link confirms nothing."""
    token = request.args.get("token", "")
    try:
        claims = _check(token)
        account = current_db().get(Account, claims.subject)
        email.check_link(account, claims.session_id)
    except InvalidLink as error:
        return _invalid(error)
    form = LinkForm(data={"token": token})
    return link_page(make_response(render_page("daypass/pages/confirm_address.html", form=form, account=account)))


@pages.post("/confirm-address", endpoint="confirm_address_post")
def confirm() -> Response:
    form = LinkForm(request.form)
    settings, db = current_runtime().settings, current_db()
    facts = request_facts(settings)
    try:
        claims = _check(form.token.data or "")
        with write_transaction(db):
            account = email.confirm(db, settings, claims.subject, claims.session_id, facts)
            name, address = account.name, account.email
    except (InvalidLink, AddressTaken) as error:
        return _invalid(error)
    audit.record(Event.ADDRESS_CHANGED, "success", account=claims.subject)
    page = render_page("daypass/pages/confirm_address.html", form=None, name=name, address=address)
    return link_page(make_response(page))


def _check(token: str) -> Claims:
    runtime = current_runtime()
    return mail_links.read(runtime.settings, runtime.keys.current(), purposes.CONFIRM_ADDRESS, token)


def _invalid(error: InvalidLink | AddressTaken) -> Response:
    audit.record(Event.ADDRESS_CHANGED, "failure", reason=error.reason)
    return invalid_link_page(error)
