"""The invitations of the visitor's own account, with DAYPASS_SIGNUP=invite."""

from flask import Blueprint, make_response
from werkzeug.wrappers import Response as BaseResponse

from daypass.accounts import invitations
from daypass.accounts.errors import MayNotInvite
from daypass.accounts.invitation_list import list_invitations
from daypass.settings.sign_up import SignUp
from daypass.web import revoke_invitation
from daypass.web.confirm_act import confirm_page
from daypass.web.context import current_db, current_runtime
from daypass.web.forms import InvitationForm
from daypass.web.gate import current_claims, token_required
from daypass.web.invitation_form import INVALID, create_from, invitation_form
from daypass.web.page_url import page_url
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


@pages.get("/<invitation_id>/revoke", endpoint="confirm_revoke")
@token_required
def confirm(invitation_id: str) -> str:
    """Say what revoking the visitor's invitation will do."""
    asked = revoke_invitation.question(invitation_id, inviter_id=current_claims().subject)
    action = page_url("own_invitations.revoke", invitation_id=invitation_id)
    return confirm_page(*asked, button="Revoke this invitation", action=action, back=page_url(LIST))


@pages.post("/<invitation_id>/revoke")
@token_required
def revoke(invitation_id: str) -> BaseResponse:
    """Revoke an unused invitation of the visitor's own, whatever DAYPASS_SIGNUP is by now."""
    return revoke_invitation.revoke(invitation_id, inviter_id=current_claims().subject, back=LIST)


def _check_open() -> None:
    """Raise MayNotInvite unless members may invite people."""
    if current_runtime().settings.signup is not SignUp.INVITE:
        raise MayNotInvite("members may not invite people")


def _page(form: InvitationForm) -> str:
    own = list_invitations(current_db(), inviter_id=current_claims().subject)
    allowed = invitations.MAX_OPEN_OF_MEMBER
    return render_page("daypass/pages/own_invitations.html", form=form, invitations=own, allowed=allowed)
