"""Change or remove the e-mail address of the visitor's account."""

from flask import Blueprint, request
from werkzeug.wrappers import Response as BaseResponse

from daypass.accounts import email
from daypass.accounts.errors import InvalidAddress, MailNotSetUp, TooManyMails
from daypass.audit.events import Event
from daypass.database.transactions import write_transaction
from daypass.web import audit
from daypass.web.attempts import address_limit, require_attempt
from daypass.web.context import current_db, current_runtime
from daypass.web.flash import redirect_with_message
from daypass.web.forms import EmailForm
from daypass.web.gate import current_claims, token_required
from daypass.web.live_account import live_account
from daypass.web.notices import request_facts
from daypass.web.reauthentication import TEN_MINUTES
from daypass.web.settings_page import settings_page

pages = Blueprint("own_address", __name__, url_prefix="/account/email")


@pages.post("")
@token_required(fresh=TEN_MINUTES, act="change your address")
def change_email() -> BaseResponse:
    """Send a confirmation link to a new address. Raises MailNotSetUp."""
    form, settings, db = EmailForm(request.form), current_runtime().settings, current_db()
    if not settings.sends_mail:
        raise MailNotSetUp("no mail server is set up")
    require_attempt(db, address_limit(settings, "mail", settings.limit_mail))
    try:
        address = email.parse(form.email.data or "")
        with write_transaction(db):
            email.request_change(db, live_account(current_claims()), address)
    except (InvalidAddress, TooManyMails) as error:
        audit.record(Event.ADDRESS_REQUESTED, "failure", account=current_claims().subject, reason=error.reason)
        errors, typed = {"email": [error.message]}, form.email.data or ""
        return settings_page(current_claims(), errors=errors, new_address=typed, status=error.status)
    return _done(Event.ADDRESS_REQUESTED, f"A confirmation link is on its way to {address}.")


@pages.post("/remove")
@token_required(fresh=TEN_MINUTES, act="remove your address")
def remove_email() -> BaseResponse:
    """Remove the address, confirmed or not. The confirmed one gets a notice."""
    settings, db = current_runtime().settings, current_db()
    facts = request_facts(settings)
    with write_transaction(db):
        email.change(db, settings, live_account(current_claims()), None, facts)
    return _done(Event.ADDRESS_CHANGED, "The address was removed.")


def _done(event: Event, message: str) -> BaseResponse:
    audit.record(event, "success", account=current_claims().subject)
    settings, session_id = current_runtime().settings, current_claims().session_id
    return redirect_with_message(settings, session_id, message, "account_settings.settings", _anchor="address")
