"""One audit event with its facts, as a log line and as a table row."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

from daypass.audit.events import Event
from daypass.database.event_models import EventRow

Outcome = Literal["success", "failure"]
Facts = Mapping[str, str | None]

# These facts are columns of their own, with a length; the others are stored as JSON.
COLUMNS = {
    "account": ("account_id", 32),
    "by": ("by_id", 32),
    "address": ("address", 64),
    "request": ("request_id", 64),
}
# The order of the first facts in a line. fail2ban reads lines up to here, and only the last of them can be chosen by
# the client.
FIRST = ("address", "reason")


@dataclass(frozen=True)
class Entry:
    """An event. count: how many equal refusals it stands for."""

    at: datetime
    event: Event
    outcome: Outcome
    facts: Facts
    count: int = 1

    @property
    def is_success(self) -> bool:
        """Whether something was done, rather than refused."""
        return self.outcome == "success"

    def line(self) -> str:
        """One line of JSON. Facts are escaped, so that control characters in them cannot start a new line."""
        first = {"time": self.at.isoformat(timespec="milliseconds"), "event": self.event, "outcome": self.outcome}
        ordered = {name: self.facts[name] for name in FIRST if name in self.facts}
        return json.dumps(first | ordered | dict(self.facts), ensure_ascii=True)

    def row(self) -> EventRow:
        """A row without its place in the chain. Values that do not fit their column are cut."""
        columns = {column: (self.facts.get(fact) or "")[:length] or None for fact, (column, length) in COLUMNS.items()}
        others = {fact: value for fact, value in self.facts.items() if fact not in COLUMNS and value is not None}
        return EventRow(
            at=self.at,
            event=self.event.value,
            outcome=self.outcome,
            facts=json.dumps(others, ensure_ascii=True),
            count=self.count,
            **columns,
        )


def page_facts(host: str, path: str) -> dict[str, str]:
    """What an event tells of a page that rules decide about."""
    return {"host": host, "page": path[:256]}


def new_entry(event: Event, outcome: Outcome, facts: Facts) -> Entry:
    """An event that happens now."""
    now = datetime.now(UTC)
    return Entry(now.replace(microsecond=now.microsecond // 1000 * 1000), event, outcome, facts)
