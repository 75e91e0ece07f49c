"""The form with which an administrator or a member invites somebody, and the page with the link."""

from flask import request

from daypass.accounts import invitations
from daypass.accounts.errors import InvalidName, NameTaken
from daypass.accounts.invitations import Terms
from daypass.audit.events import Event
from daypass.database.transactions import write_transaction
from daypass.tokens.link_codes import code_url
from daypass.web import audit
from daypass.web.context import current_db, current_runtime
from daypass.web.forms import InvitationForm
from daypass.web.rendering import render_page
from daypass.web.role_choice import NOT_OFFERED

INVALID = 422  # status of the page that shows the form with its errors


def invitation_form(roles: list[str]) -> InvitationForm:
    """The form that was sent, or a new one. roles: those that can be chosen."""
    form = InvitationForm(request.form)
    form.roles.choices = roles  # type: ignore[assignment]  # the stubs want pairs
    return form


def create_from(form: InvitationForm, inviter_id: str, *, back: str) -> str | None:
    """Create the invitation in the form; returns the page with its link. None if a field is wrong, which has an error.

    back: the endpoint of the page that the visitor came from. Raises MayNotInvite or TooManyInvitations.
    """
    if not form.validate():
        _name_errors(form)
        return None
    settings, db = current_runtime().settings, current_db()
    terms = Terms(int(form.hours.data), (form.name.data or "").strip() or None, tuple(form.roles.data or ()))
    try:
        with write_transaction(db):
            code = invitations.create(db, inviter_id, terms, settings.signup)
            roles = ", ".join(terms.roles) or None
            audit.record_with(db, Event.INVITATION_CREATED, account=inviter_id, roles=roles)
    except (InvalidName, NameTaken) as error:
        form.name.errors = [error.message]
        return None
    link = code_url(settings.pages_url + invitations.PATH, code)
    return render_page("daypass/pages/invitation_created.html", link=link, terms=terms, back=back)


def _name_errors(form: InvitationForm) -> None:
    """Say what is wrong in words; only a page that is out of date, or no browser, sends such values."""
    if form.hours.errors:
        form.hours.errors = ["Choose one of these."]
    if form.roles.errors:
        form.roles.errors = [NOT_OFFERED]
