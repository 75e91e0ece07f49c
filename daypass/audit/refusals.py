"""Refusals, counted in memory: strangers can cause them at no cost, so they are not stored one by one."""

import threading
import time
from collections.abc import Sequence
from dataclasses import replace
from typing import TypeVar

from daypass.audit.entry import Entry
from daypass.audit.events import Event

MAX_KINDS = 200  # counted separately at the same time
ROWS_PER_MINUTE = 200  # per process; further kinds are added up, in one row per event and minute
OTHERS = "others"  # the reason of those rows

K = TypeVar("K")
Kind = tuple[Event, str | None, str | None, str | None]


class RefusalCounts:
    """Counts equal refusals: those with the same event, reason, account and address."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kinds: dict[Kind, Entry] = {}
        self._others: dict[Event, Entry] = {}
        self._minute = 0
        self._rows = 0  # in this minute

    def add(self, entry: Entry) -> None:
        """Count a refusal. The first of each kind keeps its facts."""
        with self._lock:
            if _kind(entry) in self._kinds or len(self._kinds) < MAX_KINDS:
                _count(self._kinds, _kind(entry), entry)
            else:
                self._add_to_others(entry)

    def take(self, *, everything: bool = False) -> list[Entry]:
        """Remove and return what can be stored now, one entry for each kind.

        everything: ignore the limit of rows per minute, because the process ends.
        """
        with self._lock:
            others = self._start_minute() or everything
            entries = list(self._kinds.values())
            self._kinds.clear()
            room = len(entries) if everything else max(0, ROWS_PER_MINUTE - self._rows)
            self._rows += min(room, len(entries))
            for entry in entries[room:]:
                self._add_to_others(entry)
            return entries[:room] + (self._take_others() if others else [])

    def put_back(self, entries: Sequence[Entry]) -> None:
        """Count entries again that could not be stored."""
        for entry in entries:
            self.add(entry)

    def _start_minute(self) -> bool:
        """Whether a new minute has begun, in which the sums of the last one are stored."""
        minute = int(time.monotonic() // 60)
        if minute == self._minute:
            return False
        self._minute, self._rows = minute, 0
        return True

    def _add_to_others(self, entry: Entry) -> None:
        _count(self._others, entry.event, replace(entry, facts={"reason": OTHERS}))

    def _take_others(self) -> list[Entry]:
        entries = list(self._others.values())
        self._others.clear()
        return entries


def _kind(entry: Entry) -> Kind:
    return entry.event, entry.facts.get("reason"), entry.facts.get("account"), entry.facts.get("address")


def _count(counts: dict[K, Entry], kind: K, entry: Entry) -> None:
    first = counts.get(kind)
    counts[kind] = replace(first, count=first.count + entry.count) if first else entry
