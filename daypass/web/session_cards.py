"""Sessions and API tokens as the account's pages show them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from flask import request

from daypass.sessions import lifecycle, scopes
from daypass.sessions.lifecycle import ListedSession
from daypass.tokens.claims import Claims
from daypass.web.client import client_address
from daypass.web.context import current_connection, current_runtime
from daypass.web.end_reasons import end_reason_in_words
from daypass.web.places import describe_place
from daypass.web.settings import current_settings
from daypass.web.user_agents import describe_user_agent

SHOWN_AFTER_END = timedelta(days=7)
MAX_ENDED = 20  # ended sessions on a page


@dataclass(frozen=True)
class SessionCard:
    """A session or an API token in words. is_current: it is the session of this request."""

    session: ListedSession
    is_current: bool
    place: str

    @property
    def title(self) -> str:
        """The name that its owner gave it, otherwise its browser and operating system."""
        return self.session.name or self.browser

    @property
    def browser(self) -> str:
        """Browser and operating system in words."""
        return describe_user_agent(self.session.user_agent)

    @property
    def hosts(self) -> Sequence[str]:
        """The hosts that an API token is valid on."""
        return self.session.hosts or [scopes.own_host(current_runtime().settings)]

    @property
    def is_unused(self) -> bool:
        """Whether no use of an API token was recorded since it was created."""
        return self.session.last_seen_at <= self.session.created_at

    @property
    def is_for_apps(self) -> bool:
        """Whether an API token is valid on hosts of apps, where no use is recorded: proxy checks write nothing."""
        return list(self.hosts) != [scopes.own_host(current_runtime().settings)]

    @property
    def ended_because(self) -> str | None:
        """Why the session ended, in words; None while it is live."""
        return end_reason_in_words(self.session.end_reason) if self.session.end_reason else None


class Cards(NamedTuple):
    """The live ones, that of this request first, and the recently ended ones, newest first."""

    live: list[SessionCard]
    ended: list[SessionCard]

    def find_live(self, session_id: str) -> SessionCard | None:
        """The live one with this id."""
        return next((card for card in self.live if card.session.id == session_id), None)


def own_cards(claims: Claims, kind: str) -> Cards:
    """The sessions of one kind of the visitor with these claims."""
    here = client_address(request.environ, current_settings())
    rows = lifecycle.list_sessions(current_connection(), claims.subject, datetime.now(UTC), SHOWN_AFTER_END)
    cards = [
        SessionCard(row, row.id == claims.session_id, describe_place(row.address, here))
        for row in rows
        if row.kind == kind
    ]
    live = sorted((card for card in cards if card.ended_because is None), key=lambda card: not card.is_current)
    ended = [card for card in cards if card.session.ended_at is not None]
    ended.sort(key=lambda card: card.session.ended_at or card.session.created_at, reverse=True)
    return Cards(live, ended[:MAX_ENDED])
