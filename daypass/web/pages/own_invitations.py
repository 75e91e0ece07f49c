"""The invitations of the visitor's own account, with DAYPASS_SIGNUP=invite."""

from flask import Blueprint, make_response
from werkzeug.wrappers import Response as BaseResponse

from daypass.accounts import invitations
from daypass.accounts.errors import MayNotInvite
from daypass.accounts.invitation_list import list_invitations
from daypass.audit.events import Event
from daypass.database.transactions import write_transaction
from daypass.settings.sign_up import SignUp
from daypass.web import audit
from daypass.web.context import current_db, current_runtime
from daypass.web.flash import redirect_with_message
from daypass.web.forms import InvitationForm
from daypass.web.gate import current_claims, token_required
from daypass.web.invitation_form import INVALID, create_from, invitation_form
from daypass.web.reauthentication import TEN_MINUTES
from daypass.web.rendering import render_page

pages = Blueprint("own_invitations", __name__, url_prefix="/account/invitations")

LIST = "own_invitations.invitations"


@pages.get("", endpoint="invitations")
@token_required
def show_invitations() -> str:
    _check_open()
    return _page(invitation_form(roles=[]))


@pages.post("", endpoint="create")
@token_required(fresh=TEN_MINUTES, act="invite somebody")
def create() -> BaseResponse:
    """Create an invitation without name and roles, and show its link, once."""
    _check_open()
    form = invitation_form(roles=[])
    page = create_from(form, current_claims().subject, back=LIST)
    return make_response(_page(form), INVALID) if page is None else make_response(page)


@pages.post("/<invitation_id>/revoke")
@token_required
def revoke(invitation_id: str) -> BaseResponse:
    """Revoke an unused invitation of the visitor's own, whatever DAYPASS_SIGNUP is by now."""
    db, claims = current_db(), current_claims()
    with write_transaction(db):
        invitations.revoke(db, invitation_id, inviter_id=claims.subject)
        audit.record_with(db, Event.INVITATION_REVOKED, account=claims.subject, by=claims.subject)
    message = "The invitation was revoked. Its link is not valid any more."
    return redirect_with_message(current_runtime().settings, claims.session_id, message, LIST)


def _check_open() -> None:
    """Raise MayNotInvite unless members may invite people."""
    if current_runtime().settings.signup is not SignUp.INVITE:
        raise MayNotInvite("members may not invite people")


def _page(form: InvitationForm) -> str:
    own = list_invitations(current_db(), inviter_id=current_claims().subject)
    allowed = invitations.MAX_OPEN_OF_MEMBER
    return render_page("daypass/pages/own_invitations.html", form=form, invitations=own, allowed=allowed)
