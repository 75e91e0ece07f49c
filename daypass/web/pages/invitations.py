"""The invitations of everybody, for administrators: list, create and revoke them."""

from flask import Blueprint, make_response
from werkzeug.wrappers import Response as BaseResponse

from daypass.accounts import accounts
from daypass.accounts.invitation_list import list_invitations
from daypass.web import revoke_invitation
from daypass.web.confirm_act import confirm_page
from daypass.web.context import current_db, current_runtime
from daypass.web.forms import InvitationForm
from daypass.web.gate import current_claims, token_required
from daypass.web.invitation_form import INVALID, create_from, invitation_form
from daypass.web.known_roles import known_roles
from daypass.web.page_url import page_url
from daypass.web.reauthentication import TEN_MINUTES
from daypass.web.rendering import render_page
from daypass.web.rules_in_force import rules_in_force

pages = Blueprint("invitations", __name__, url_prefix="/admin/invitations")

LIST = "invitations.invitations"


@pages.get("", endpoint="invitations")
@token_required(role=accounts.ADMIN)
def show_invitations() -> str:
    return _page(invitation_form(known_roles(current_db(), rules_in_force(current_runtime().rules))))


@pages.post("", endpoint="create")
@token_required(role=accounts.ADMIN, fresh=TEN_MINUTES, act="invite somebody")
def create() -> BaseResponse:
    """Create an invitation, and show its link, once."""
    form = invitation_form(known_roles(current_db(), rules_in_force(current_runtime().rules)))
    page = create_from(form, current_claims().subject, back=LIST)
    return make_response(_page(form), INVALID) if page is None else make_response(page)


@pages.get("/<invitation_id>/revoke", endpoint="confirm_revoke")
@token_required(role=accounts.ADMIN)
def confirm(invitation_id: str) -> str:
    """Say what revoking the invitation will do."""
    asked = revoke_invitation.question(invitation_id, inviter_id=None)
    action = page_url("invitations.revoke", invitation_id=invitation_id)
    return confirm_page(*asked, button="Revoke this invitation", action=action, back=page_url(LIST))


@pages.post("/<invitation_id>/revoke")
@token_required(role=accounts.ADMIN, fresh=TEN_MINUTES, act="revoke the invitation")
def revoke(invitation_id: str) -> BaseResponse:
    """Revoke the unused invitation of anybody."""
    return revoke_invitation.revoke(invitation_id, inviter_id=None, back=LIST)


def _page(form: InvitationForm) -> str:
    return render_page("daypass/pages/invitations.html", form=form, invitations=list_invitations(current_db()))
