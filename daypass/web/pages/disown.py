"""“This wasn't me”: the page behind the link of a notice."""

from flask import Blueprint, Response, make_response, request

from daypass.accounts import disowning, mail_links
from daypass.accounts.errors import InvalidLink
from daypass.audit.events import Event
from daypass.database.models import Mail
from daypass.database.transactions import write_transaction
from daypass.tokens import purposes
from daypass.tokens.claims import Claims
from daypass.web import audit
from daypass.web.context import current_db, current_runtime
from daypass.web.forms import LinkForm
from daypass.web.link_pages import invalid_link_page, link_page
from daypass.web.notices import request_facts
from daypass.web.rendering import render_page

pages = Blueprint("disown", __name__)


@pages.get("/disown")
def disown() -> Response:
    """Show what the button does. Nothing changes."""
    token = request.args.get("token", "")
    try:
        _, notice = _check(token)
    except InvalidLink as error:
        return _invalid(error)
    page = render_page("daypass/pages/disown.html", form=LinkForm(data={"token": token}), notice=notice)
    return link_page(make_response(page))


@pages.post("/disown", endpoint="disown_post")
def take_back() -> Response:
    """End all sessions, forget the password, and mail a reset link to the address that the notice was sent to."""
    form = LinkForm(request.form)
    settings, db = current_runtime().settings, current_db()
    facts = request_facts(settings)
    try:
        claims, _ = _check(form.token.data or "")
        with write_transaction(db):
            disowning.disown(db, settings, claims.subject, claims.session_id, facts)
    except InvalidLink as error:
        return _invalid(error)
    audit.record(Event.ACCOUNT_DISOWNED, "success", account=claims.subject)
    return link_page(make_response(render_page("daypass/pages/disown.html", form=None, notice=None)))


def _check(token: str) -> tuple[Claims, Mail]:
    """The claims of a valid link, and its notice. Raises InvalidLink."""
    runtime = current_runtime()
    claims = mail_links.read(runtime.settings, runtime.keys.current(), purposes.DISOWN, token)
    return claims, disowning.find_notice(current_db(), claims.subject, claims.session_id)


def _invalid(error: InvalidLink) -> Response:
    audit.record(Event.ACCOUNT_DISOWNED, "failure", reason=error.reason)
    return invalid_link_page(error)
