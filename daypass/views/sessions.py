"""Where you are signed in: see it, name it, end it; and tokens for programs."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from flask import Blueprint, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from daypass import events, fresh, scopes, sessions
from daypass.database import writing
from daypass.entering import client, signed
from daypass.errors import Fault, InvalidToken, NoSuchSession
from daypass.extensions import db, process
from daypass.forms import ApiTokenForm
from daypass.gate import holder, token_required
from daypass.models import Account, AuthSession
from daypass.sessions import Lifetime
from daypass.settings import DAY
from daypass.views.arrival import ruled_hosts
from daypass.views.browsers import in_words

pages = Blueprint("sessions", __name__, url_prefix="/account")

SHOWN_AFTER_END = timedelta(days=7)
MOST_ENDED = 20
FEWEST_DAYS, MOST_DAYS = 1, 365
REASONS = {
    "signed_out": "by signing out",
    "signed_in_again": "by signing in again",
    "ended_by_owner": "by you",
    "ended_by_admin": "by an admin",
    "password_changed": "by a new password",
    "account_disabled": "since the account was disabled",
    "role_changed": "since your roles changed",
    "too_many": "to make room for a new one",
}


@dataclass(frozen=True)
class Shown:
    """A session as a small pass."""

    session: AuthSession
    own: bool

    @property
    def title(self) -> str:
        """Its name, else browser and system in words."""
        if self.session.name:
            return self.session.name
        return "A program" if self.is_program else self.browser

    @property
    def browser(self) -> str:
        """Browser and system in words."""
        return in_words(self.session.user_agent)

    @property
    def is_program(self) -> bool:
        """Whether it is a token for programs."""
        return self.session.kind == sessions.PROGRAM

    @property
    def hosts(self) -> list[str]:
        """The hosts that a token for programs may be used on."""
        return self.session.hosts or [scopes.own_host(process().settings)]

    @property
    def why(self) -> str | None:
        """Why it ended, in words; None while it is live."""
        return REASONS.get(self.session.end_reason, "by an admin") if self.session.end_reason else None


@pages.get("/sessions")
@token_required
def own_sessions() -> BaseResponse:
    return _page(ApiTokenForm(data={"hosts": _available_hosts()[:1]}))


@pages.post("/sessions/<session_id>/end")
@token_required(fresh=fresh.TEN_MINUTES)
def end(session_id: str) -> BaseResponse:
    with writing(db.session):
        ended = sessions.end_own(db.session, holder().subject, session_id, "ended_by_owner")
    return _done("session_ended", session_id, ended)


@pages.post("/sessions/<session_id>/name")
@token_required
def name(session_id: str) -> BaseResponse:
    new = request.form.get("name", "")  # before the transaction: a body may never come
    with writing(db.session):
        named = sessions.rename(db.session, holder().subject, session_id, new)
    return _done("session_named", session_id, named)


@pages.post("/sessions/end-others")
@token_required(fresh=fresh.TEN_MINUTES)
def end_others() -> BaseResponse:
    with writing(db.session):
        sessions.end_all(db.session, holder().subject, "ended_by_owner", keep=holder().session_id)
    return _done("other_sessions_ended", holder().session_id, True)


@pages.post("/tokens")
@token_required(fresh=fresh.TEN_MINUTES)
def make_token() -> BaseResponse:
    """A token for programs, shown this once."""
    form = ApiTokenForm(request.form)
    hosts = _chosen_hosts(form)
    if not _is_complete(form):
        return _page(form, status=422)
    settings, now = process().settings, datetime.now(UTC)
    seconds = (form.days.data or FEWEST_DAYS) * DAY
    lifetime = Lifetime(seconds, seconds)
    roles = sorted(set(holder().roles) & set(request.form.getlist("roles")))
    with writing(db.session):
        account = _live_holder()
        session = sessions.start(
            db.session,
            account,
            client=client(),
            now=now,
            lifetime=lifetime,
            kind=sessions.PROGRAM,
            name=(form.name.data or "").strip(),
            roles=roles,
            hosts=hosts,
        )
        claims = sessions.claims_of(session, account, issuer=settings.base_url)
    events.record("api_token_made", "success", account=claims.subject, session=claims.session_id)
    shown = {"claims": claims, "name": form.name.data, "own_host": scopes.own_host(settings)}
    return make_response(render_template("daypass/pages/token_created.html", token=signed(claims), **shown))


def _live_holder() -> Account:
    """The holder's account, if this session is live in this very transaction; both rows stay so until it ends."""
    account = db.session.get(Account, holder().subject, with_for_update=True, populate_existing=True)
    own = db.session.get(AuthSession, holder().session_id, with_for_update=True, populate_existing=True)
    if account is None or own is None or own.ended_at is not None:
        raise InvalidToken("session ended meanwhile", Fault.ENDED)
    return account


def _is_complete(form: ApiTokenForm) -> bool:
    """Whether name, days and hosts are within the rules; what is not is an error at its field."""
    if not (form.name.data or "").strip() or len(form.name.data or "") > 64:
        form.name.errors = ["Give it a name of up to 64 characters, to know it by."]
    if not isinstance(form.days.data, int) or not FEWEST_DAYS <= form.days.data <= MOST_DAYS:
        form.days.errors = [f"A whole number of days from {FEWEST_DAYS} to {MOST_DAYS}."]
    return not (form.name.errors or form.days.errors or form.hosts.errors)


def _available_hosts() -> list[str]:
    return scopes.available(ruled_hosts(), process().settings)


def _chosen_hosts(form: ApiTokenForm) -> list[str]:
    """The hosts that the token is for, each once; a wrong choice is an error at the field.

    Where Daypass's own host is the only one, the form does not ask.
    """
    available = _available_hosts()
    chosen = form.hosts.data or (available if len(available) == 1 else [])
    if not chosen or not set(chosen) <= set(available):
        form.hosts.errors = ["Choose at least one of these hosts."]
    elif sum(map(len, chosen)) > scopes.LONGEST:
        form.hosts.errors = ["Too many hosts for one token. Choose fewer, and make another token for the rest."]
    return [host for host in available if host in chosen]


def _done(event: str, session_id: str, done: bool) -> BaseResponse:
    if not done:
        raise NoSuchSession("not one of this account's live sessions")
    events.record(event, "success", account=holder().subject, session=session_id)
    return redirect(url_for("sessions.own_sessions"), 303)


def _page(form: ApiTokenForm, *, status: int = 200) -> BaseResponse:
    found = sessions.of_account(db.session, holder().subject, datetime.now(UTC), SHOWN_AFTER_END)
    shown = [Shown(session, own=session.id == holder().session_id) for session in found]
    live = sorted((one for one in shown if one.why is None), key=lambda one: not one.own)
    ended = [one for one in shown if one.why is not None][:MOST_ENDED]
    page = render_template("daypass/pages/sessions.html", live=live, ended=ended, form=form, hosts=_available_hosts())
    return make_response(page, status)
