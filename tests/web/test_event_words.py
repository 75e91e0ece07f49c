"""Audit events in words."""

from daypass.audit.events import Event
from daypass.web.event_words import WORDS, describe


def test_every_event_has_words() -> None:
    assert set(WORDS) == set(Event)
    assert describe("of_another_version", "failure") == "Of another version: refused"
