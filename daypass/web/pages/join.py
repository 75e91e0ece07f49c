"""The page of an invitation: the invited person creates the account, and is signed in."""

from flask import Blueprint, Response, make_response, request
from werkzeug.wrappers import Response as BaseResponse

from daypass.accounts import accepting, invitations, names
from daypass.accounts.errors import InvalidInvitation, InvalidName, InvitedNameTaken, NameTaken, WeakPassword
from daypass.audit.events import Event
from daypass.database.models import Invitation
from daypass.database.transactions import write_transaction
from daypass.errors import DaypassError
from daypass.runtime import Runtime
from daypass.web import audit
from daypass.web.attempts import address_limit, client_hasher, require_attempt
from daypass.web.browser_sign_in import SignedIn, current_browser, sign_in_browser, signed_in_response
from daypass.web.context import current_db, current_runtime
from daypass.web.flash import redirect_with_message
from daypass.web.forms import JoinForm
from daypass.web.link_pages import invalid_link_page, link_page
from daypass.web.rendering import render_page

pages = Blueprint("join", __name__)


@pages.get(invitations.PATH)
def join() -> Response:
    """Show the form. Nothing changes, so a mail scanner that opens the link does not use it up."""
    form = JoinForm(request.args)
    try:
        return _form(form)
    except (InvalidInvitation, InvitedNameTaken) as error:
        return _refusal(error)


@pages.post(invitations.PATH, endpoint="join_post")
def accept() -> BaseResponse:
    """Create the account, and sign it in."""
    form, runtime, db = JoinForm(request.form), current_runtime(), current_db()
    require_attempt(db, address_limit(runtime.settings, "sign-up", runtime.settings.limit_signup))
    try:
        signed_in = _accept(runtime, form)
    except (InvalidInvitation, InvitedNameTaken) as error:
        return _refusal(error)
    except (InvalidName, NameTaken, WeakPassword) as error:
        return _form_again(form, error)
    message = f"Welcome, {signed_in.claims.name}. Your account was created, and you are signed in."
    home = redirect_with_message(runtime.settings, signed_in.claims.session_id, message, "home.home")
    return signed_in_response(runtime, signed_in, home.location)


def _accept(runtime: Runtime, form: JoinForm) -> SignedIn:
    """Use the invitation. No transaction is open while the password is hashed."""
    settings, db = runtime.settings, current_db()
    code, browser = form.code.data or "", current_browser(runtime)
    name = names.canonical(_invitation(code)[0].name or form.username.data or "")
    db.rollback()
    password_hash = client_hasher(runtime).hash_new(form.password.data or "", name)
    with write_transaction(db):
        account, invitation = accepting.accept(db, code, name, password_hash, settings.signup)
        audit.record_with(db, Event.INVITATION_USED, account=account.id, by=invitation.inviter_id or "terminal")
        return sign_in_browser(db, account, settings, browser, Event.SIGN_UP)


def _invitation(code: str) -> tuple[Invitation, str | None]:
    """A valid invitation and the name of its inviter. Raises InvalidInvitation, or InvitedNameTaken."""
    db = current_db()
    found, inviter = accepting.find(db, code, current_runtime().settings.signup)
    if found.name is not None and names.is_taken(db, found.name):
        raise InvitedNameTaken(found.name, inviter)
    return found, inviter


def _form(form: JoinForm, status: int = 200) -> Response:
    invitation, inviter = _invitation(form.code.data or "")
    page = render_page("daypass/pages/join.html", form=form, invitation=invitation, inviter=inviter)
    return link_page(make_response(page, status))


def _form_again(form: JoinForm, error: DaypassError) -> Response:
    """The form with the error at its field."""
    audit.record(Event.INVITATION_USED, "failure", reason=error.reason)
    field = form.password if isinstance(error, WeakPassword) else form.username
    field.errors = [*getattr(error, "advice", [error.message])]
    try:
        return _form(form, error.status)
    except (InvalidInvitation, InvitedNameTaken) as meanwhile:
        return _refusal(meanwhile)


def _refusal(error: DaypassError) -> Response:
    audit.record(Event.INVITATION_USED, "failure", reason=error.reason)
    return invalid_link_page(error)
