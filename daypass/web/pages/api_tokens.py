"""Tokens for programs: list API tokens, and create one, which is shown once."""

from datetime import UTC, datetime

from flask import Blueprint, make_response, request
from werkzeug.wrappers import Response as BaseResponse

from daypass.audit.events import Event
from daypass.database.transactions import write_transaction
from daypass.sessions import issuing, kinds, lifecycle, scopes
from daypass.sessions.issuing import Lifetime
from daypass.settings.definitions import DAY
from daypass.web import audit
from daypass.web.client import current_client
from daypass.web.context import current_db, current_runtime
from daypass.web.forms import DEFAULT_DAYS, ApiTokenForm
from daypass.web.gate import current_claims, token_required
from daypass.web.live_account import live_account
from daypass.web.reauthentication import TEN_MINUTES
from daypass.web.rendering import render_page
from daypass.web.session_cards import own_cards
from daypass.web.sign_in import sign_token
from daypass.web.token_hosts import available_hosts, chosen_hosts

pages = Blueprint("api_tokens", __name__, url_prefix="/account/tokens")

MIN_DAYS, MAX_DAYS = 1, 365  # lifetime of an API token


@pages.get("")
@token_required
def own_tokens() -> BaseResponse:
    return _page()


@pages.post("")
@token_required(fresh=TEN_MINUTES, act="create an API token")
def create_token() -> BaseResponse:
    """Create an API token, and show it once."""
    form = ApiTokenForm(request.form)
    hosts = chosen_hosts(form)
    if not _is_complete(form):
        return _page(form, status=422)
    settings, now = current_runtime().settings, datetime.now(UTC)
    seconds = (form.days.data or MIN_DAYS) * DAY
    lifetime = Lifetime(seconds, seconds)
    roles = sorted(set(current_claims().roles) & set(request.form.getlist("roles")))
    with write_transaction(current_db()):
        account = live_account(current_claims())
        session = lifecycle.start(
            current_db(),
            account,
            client=current_client(settings),
            now=now,
            lifetime=lifetime,
            kind=kinds.API_TOKEN,
            name=(form.name.data or "").strip(),
            roles=roles,
            hosts=hosts,
        )
        claims = issuing.session_claims(session, account, issuer=settings.issuer)
    audit.record(Event.API_TOKEN_CREATED, "success", account=claims.subject, session=claims.session_id)
    page = render_page(
        "daypass/pages/token_created.html",
        token=sign_token(current_runtime(), claims),
        claims=claims,
        name=form.name.data,
        own_host=scopes.own_host(settings),
    )
    return make_response(page)


def _page(form: ApiTokenForm | None = None, *, status: int = 200) -> BaseResponse:
    """The page, with the values and errors of the form that was sent."""
    cards = own_cards(current_claims(), kinds.API_TOKEN)
    page = render_page(
        "daypass/pages/api_tokens.html",
        live=cards.live,
        ended=cards.ended,
        form=form,
        hosts=tuple(available_hosts()),
        default_days=DEFAULT_DAYS,
    )
    return make_response(page, status)


def _is_complete(form: ApiTokenForm) -> bool:
    """Whether name, days and hosts are valid.

    Sets the errors of the fields that are not.
    """
    if not (form.name.data or "").strip() or len(form.name.data or "") > 64:
        form.name.errors = ["Enter a name of 1 to 64 characters."]
    if not isinstance(form.days.data, int) or not MIN_DAYS <= form.days.data <= MAX_DAYS:
        form.days.errors = [f"Enter a whole number from {MIN_DAYS} to {MAX_DAYS}."]
    return not (form.name.errors or form.days.errors or form.hosts.errors)
