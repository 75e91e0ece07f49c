"""The sessions page: list, rename and end sessions, create API tokens."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from flask import Blueprint, make_response, redirect, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from daypass.audit.events import Event
from daypass.database.models import Account, AuthSession
from daypass.database.transactions import write_transaction
from daypass.sessions import issuing, kinds, lifecycle, scopes
from daypass.sessions.errors import NoSuchSession
from daypass.sessions.issuing import Lifetime
from daypass.sessions.lifecycle import ListedSession
from daypass.settings.definitions import DAY
from daypass.tokens.errors import InvalidToken, TokenFault
from daypass.web import audit, reauthentication
from daypass.web.client import current_client
from daypass.web.context import current_connection, current_db, current_runtime
from daypass.web.end_reasons import end_reason_in_words
from daypass.web.forms import DEFAULT_DAYS, ApiTokenForm
from daypass.web.gate import current_claims, token_required
from daypass.web.rendering import render_page
from daypass.web.return_to import protected_hosts
from daypass.web.sign_in import sign_token
from daypass.web.user_agents import describe_user_agent

pages = Blueprint("sessions", __name__, url_prefix="/account")

SHOWN_AFTER_END = timedelta(days=7)
MAX_ENDED = 20  # ended sessions on the page
MIN_DAYS, MAX_DAYS = 1, 365  # lifetime of an API token


@dataclass(frozen=True)
class SessionCard:
    """A session as the page shows it; the current one is that of this request."""

    session: ListedSession
    is_current: bool

    @property
    def title(self) -> str:
        """The name of the session, otherwise its browser and operating system."""
        if self.session.name:
            return self.session.name
        return "A program" if self.is_api_token else self.browser

    @property
    def browser(self) -> str:
        """Browser and operating system in words."""
        return describe_user_agent(self.session.user_agent)

    @property
    def is_api_token(self) -> bool:
        """Whether it is an API token."""
        return self.session.kind == kinds.API_TOKEN

    @property
    def hosts(self) -> Sequence[str]:
        """The hosts that an API token is valid on."""
        return self.session.hosts or [scopes.own_host(current_runtime().settings)]

    @property
    def ended_because(self) -> str | None:
        """Why the session ended, in words; None while it is live."""
        return end_reason_in_words(self.session.end_reason) if self.session.end_reason else None


@pages.get("/sessions")
@token_required
def own_sessions() -> BaseResponse:
    return _page()


@pages.post("/sessions/<session_id>/end")
@token_required(fresh=reauthentication.TEN_MINUTES, act="revoke this session")
def end(session_id: str) -> BaseResponse:
    with write_transaction(current_db()):
        ended = lifecycle.end_own(current_db(), current_claims().subject, session_id, "ended_by_owner")
    return _done(Event.SESSION_ENDED, session_id, ended)


@pages.post("/sessions/<session_id>/name")
@token_required
def name(session_id: str) -> BaseResponse:
    new = request.form.get("name", "")  # read the body before the transaction: it may never arrive
    with write_transaction(current_db()):
        named = lifecycle.rename(current_db(), current_claims().subject, session_id, new)
    return _done(Event.SESSION_NAMED, session_id, named)


@pages.post("/sessions/end-others")
@token_required(fresh=reauthentication.TEN_MINUTES, act="revoke all other sessions")
def end_others() -> BaseResponse:
    with write_transaction(current_db()):
        lifecycle.end_all(current_db(), current_claims().subject, "ended_by_owner", keep=current_claims().session_id)
    return _done(Event.OTHER_SESSIONS_ENDED, current_claims().session_id, True)


@pages.post("/tokens")
@token_required(fresh=reauthentication.TEN_MINUTES, act="create an API token")
def create_token() -> BaseResponse:
    """Create an API token, and show it once."""
    form = ApiTokenForm(request.form)
    hosts = _chosen_hosts(form)
    if not _is_complete(form):
        return _page(form, status=422)
    settings, now = current_runtime().settings, datetime.now(UTC)
    seconds = (form.days.data or MIN_DAYS) * DAY
    lifetime = Lifetime(seconds, seconds)
    roles = sorted(set(current_claims().roles) & set(request.form.getlist("roles")))
    with write_transaction(current_db()):
        account = _live_account()
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
        claims = issuing.session_claims(session, account, issuer=settings.base_url)
    audit.record(Event.API_TOKEN_CREATED, "success", account=claims.subject, session=claims.session_id)
    page = render_page(
        "daypass/pages/token_created.html",
        token=sign_token(current_runtime(), claims),
        claims=claims,
        name=form.name.data,
        own_host=scopes.own_host(settings),
    )
    return make_response(page)


def _live_account() -> Account:
    """The visitor's account, if this session is still live. Raises InvalidToken.

    Both rows stay locked until the transaction ends.
    """
    account = current_db().get(Account, current_claims().subject, with_for_update=True, populate_existing=True)
    own = current_db().get(AuthSession, current_claims().session_id, with_for_update=True, populate_existing=True)
    if account is None or own is None or own.ended_at is not None:
        raise InvalidToken("session ended meanwhile", TokenFault.ENDED)
    return account


def _is_complete(form: ApiTokenForm) -> bool:
    """Whether name, days and hosts are valid.

    Sets the errors of the fields that are not.
    """
    if not (form.name.data or "").strip() or len(form.name.data or "") > 64:
        form.name.errors = ["Enter a name of 1 to 64 characters."]
    if not isinstance(form.days.data, int) or not MIN_DAYS <= form.days.data <= MAX_DAYS:
        form.days.errors = [f"Enter a whole number from {MIN_DAYS} to {MAX_DAYS}."]
    return not (form.name.errors or form.days.errors or form.hosts.errors)


def _available_hosts() -> list[str]:
    runtime = current_runtime()
    return scopes.available(protected_hosts(runtime), runtime.settings)


def _chosen_hosts(form: ApiTokenForm) -> list[str]:
    """The chosen hosts, each once.

    Sets the errors of the field if the choice is invalid. If Daypass's own host is the only one available, the form has
    no such field.
    """
    available = _available_hosts()
    chosen = form.hosts.data or (available if len(available) == 1 else [])
    if not chosen or not set(chosen) <= set(available):
        form.hosts.errors = ["Select at least one of these hosts."]
    elif sum(map(len, chosen)) > scopes.MAX_HOSTS_LENGTH:
        form.hosts.errors = ["Too many hosts for one token. Select fewer, and create another token for the rest."]
    return [host for host in available if host in chosen]


def _done(event: Event, session_id: str, done: bool) -> BaseResponse:
    if not done:
        raise NoSuchSession("not one of this account's live sessions")
    audit.record(event, "success", account=current_claims().subject, session=session_id)
    return redirect(url_for("sessions.own_sessions"), 303)


def _page(form: ApiTokenForm | None = None, *, status: int = 200) -> BaseResponse:
    """The page, with the values and errors of the form that was sent."""
    rows = lifecycle.list_sessions(current_connection(), current_claims().subject, datetime.now(UTC), SHOWN_AFTER_END)
    cards = [SessionCard(row, is_current=row.id == current_claims().session_id) for row in rows]
    live = sorted((card for card in cards if card.ended_because is None), key=lambda card: not card.is_current)
    ended = [card for card in cards if card.ended_because is not None][:MAX_ENDED]
    page = render_page(
        "daypass/pages/sessions.html",
        live=live,
        ended=ended,
        form=form,
        hosts=tuple(_available_hosts()),
        default_days=DEFAULT_DAYS,
    )
    return make_response(page, status)
