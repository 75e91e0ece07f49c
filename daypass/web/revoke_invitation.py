"""Revoke an invitation, and what a page asks before: for administrators and for members."""

from typing import NamedTuple

from werkzeug.wrappers import Response

from daypass.accounts import invitations
from daypass.audit.events import Event
from daypass.database.models import Invitation
from daypass.database.transactions import write_transaction
from daypass.web import audit
from daypass.web.context import current_db, current_runtime
from daypass.web.current_pass import current_claims
from daypass.web.flash import redirect_with_message


class Question(NamedTuple):
    """The first arguments of `confirm_page`."""

    title: str
    consequences: list[str]


def question(invitation_id: str, *, inviter_id: str | None) -> Question:
    """What a page asks before the invitation is revoked. Raises NoSuchInvitation.

    inviter_id: only if it is this member's; None for administrators.
    """
    invitation = invitations.find_unused(current_db(), invitation_id, inviter_id=inviter_id)
    roles = f" With it, an account gets the roles {', '.join(invitation.roles)}." if invitation.roles else ""
    return Question(
        f"Revoke {_in_words(invitation)}?",
        [
            f"It was created on {invitation.created_at:%Y-%m-%d at %H:%M UTC}.{roles}",
            "Its link stops working. This cannot be undone, but you can create another one.",
        ],
    )


def revoke(invitation_id: str, *, inviter_id: str | None, back: str) -> Response:
    """Revoke the invitation, and lead back to the page (an endpoint) with a message. Raises NoSuchInvitation.

    inviter_id: as for `question`.
    """
    db, claims = current_db(), current_claims()
    with write_transaction(db):
        revoked = _in_words(invitations.find_unused(db, invitation_id, inviter_id=inviter_id))
        account = invitations.revoke(db, invitation_id, inviter_id=inviter_id)
        audit.record_with(db, Event.INVITATION_REVOKED, account=account, by=claims.subject)
    message = f"{revoked.capitalize()} was revoked. Its link is not valid any more."
    return redirect_with_message(current_runtime().settings, claims.session_id, message, back)


def _in_words(invitation: Invitation) -> str:
    return f"the invitation for {invitation.name or 'any name'}"
