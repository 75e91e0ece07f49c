"""Create an account, whose owner sets the password with a link."""

from datetime import datetime

from flask import Blueprint, Response, make_response, request

from daypass.accounts import accounts, end_dates, recovery
from daypass.accounts.errors import FormerNameTaken, InvalidEndDate, InvalidName, InvalidRole, NameTaken
from daypass.audit.events import Event
from daypass.database.transactions import write_transaction
from daypass.web import audit
from daypass.web.context import current_db, current_runtime
from daypass.web.forms import NewAccountForm
from daypass.web.gate import current_claims, token_required
from daypass.web.password_links import link_page
from daypass.web.reauthentication import TEN_MINUTES
from daypass.web.rendering import render_page
from daypass.web.role_choice import note_on_new_role, read_roles, with_roles

FORMER = (
    "This was the name of an account that has been deleted. Apps behind the gate would give the new account what "
    "belonged to the old one. Choose another name, or use the terminal: daypass user add --reuse."
)

pages = Blueprint("new_account", __name__, url_prefix="/admin/accounts")


@pages.get("/new")
@token_required(role=accounts.ADMIN)
def form() -> Response:
    """Show the form."""
    return _page(with_roles(NewAccountForm()))


@pages.post("/new", endpoint="create")
@token_required(role=accounts.ADMIN, fresh=TEN_MINUTES, act="create an account")
def create() -> Response:
    """Create the account and a link, which is shown once."""
    form, db, by = with_roles(NewAccountForm(request.form)), current_db(), current_claims().subject
    ring, roles, note = current_runtime().keys.current(), read_roles(form), note_on_new_role(form)
    ends_at = _read_end_date(form)
    if roles is None or form.until.errors:
        return _page(form, InvalidRole.status)
    try:
        with write_transaction(db):
            account = accounts.create_without_password(db, form.name.data or "", roles, ends_at=ends_at)
            account_id, name, link_id = account.id, account.name, recovery.new_link(account)
            audit.record_with(db, Event.ACCOUNT_CREATED, account=account_id, by=by)
    except FormerNameTaken as error:
        form.name.errors = [FORMER]
        return _page(form, error.status)
    except (InvalidName, NameTaken) as error:
        form.name.errors = [error.message]
        return _page(form, error.status)
    except InvalidRole as error:
        form.roles.errors = [error.message]
        return _page(form, error.status)
    return make_response(link_page(ring, account_id, name, link_id, is_new=True, note=note))


def _read_end_date(form: NewAccountForm) -> datetime | None:
    """The end date; None if there is none, or if the last day is wrong, which then has an error."""
    day = (form.until.data or "").strip()
    try:
        return end_dates.end_of(end_dates.parse_future(day)) if day else None
    except InvalidEndDate as error:
        form.until.errors = [error.message]
        return None


def _page(form: NewAccountForm, status: int = 200) -> Response:
    return make_response(render_page("daypass/pages/new_account.html", form=form), status)
