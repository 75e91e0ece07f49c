"""The live sessions of an account as administrators see them."""

from datetime import UTC, datetime, timedelta

from sqlalchemy.orm import Session

from daypass.sessions import kinds, lifecycle
from daypass.sessions.errors import NoSuchSession
from daypass.sessions.lifecycle import ListedSession
from daypass.web.user_agents import describe_user_agent

ENDED = "This account has no such session any more. It has ended meanwhile."


def live_sessions(db: Session, account_id: str) -> list[ListedSession]:
    """The live sessions and API tokens of an account."""
    return lifecycle.list_sessions(db, account_id, datetime.now(UTC), timedelta(0))


def live_session(db: Session, account_id: str, session_id: str) -> ListedSession:
    """One of them. Raises NoSuchSession, also for a session of another account (ASVS 8.2.2)."""
    found = next((each for each in live_sessions(db, account_id) if each.id == session_id), None)
    if found is None:
        raise NoSuchSession("not one of this account's live sessions", message=ENDED)
    return found


def is_program(session: ListedSession) -> bool:
    """Whether it is an API token."""
    return session.kind == kinds.API_TOKEN


def session_title(session: ListedSession) -> str:
    """The name that its owner gave it, otherwise its browser and operating system."""
    return session.name or ("A program" if is_program(session) else describe_user_agent(session.user_agent))


def session_in_words(session: ListedSession, name: str) -> str:
    """A session of the account with this name, for sentences."""
    return f"the {'API token' if is_program(session) else 'session'} “{session_title(session)}” of {name}"
