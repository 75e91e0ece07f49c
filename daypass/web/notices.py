"""Notices of acts in the current request, for the owner of the account."""

from collections.abc import Mapping

from sqlalchemy.orm import Session

from daypass.accounts import devices
from daypass.accounts.notices import notify
from daypass.database.models import Account
from daypass.mail.kinds import Kind
from daypass.sessions.clients import is_new_client
from daypass.settings.definitions import Settings
from daypass.web.client import current_client
from daypass.web.user_agents import describe_user_agent


def request_facts(settings: Settings) -> dict[str, str]:
    """Browser and address of the current client, in words; empty if nobody is told of anything.

    Call it before the write transaction: the first call in a process loads ua-parser's patterns, which takes 0.2 s.
    """
    if not settings.sends_messages:
        return {}
    client = current_client(settings)
    return {"browser": describe_user_agent(client.user_agent)[:100], "address": client.address[:64]}


def notify_new_browser(
    db: Session, settings: Settings, account: Account, device_id: str | None, facts: Mapping[str, str]
) -> None:
    """Tell the owner of a sign-in in a browser that the account doesn't know.

    Call it before the session is started, in its transaction. device_id: what the browser presented. facts: those of
    the request.
    """
    if device_id is None or not devices.is_known(db, account.id, device_id):
        notify(db, settings, account, Kind.NEW_SIGN_IN, facts, to=account.email)


def notify_new_program(db: Session, settings: Settings, account: Account, facts: Mapping[str, str]) -> None:
    """Tell the owner of a sign-in by a program from a new place. Programs keep no cookies."""
    if is_new_client(db, account.id, current_client(settings)):
        notify(db, settings, account, Kind.NEW_SIGN_IN, facts, to=account.email)
