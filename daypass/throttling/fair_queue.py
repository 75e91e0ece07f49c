"""A bounded queue for expensive work, fair between the addresses that ask for it."""

import ipaddress
import itertools
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from daypass.net.addresses import parse_address
from daypass.throttling.errors import Busy


def queue_owner(address: str | None) -> str | None:
    """The owner of work that a client asks for: its address, of IPv6 the /64 network, which one host has to itself.

    None for no address, and for text that is none.
    """
    parsed = parse_address(address)
    if parsed is None:
        return None
    return str(ipaddress.ip_network((parsed, 64), strict=False)) if parsed.version == 6 else str(parsed)


@dataclass(eq=False)
class _Visit:
    """One piece of work in the queue: who asked for it, and whether it is running or waiting."""

    owner: str | None
    running: bool = False


class FairQueue:
    """Runs a bounded number of pieces of work at once; the others wait in turn, or are refused.

    slots: pieces of work at once. waiting: how many more may wait. patience: seconds that one may wait.
    One owner (a network address) may hold at most half of the places, and at least one. Work without an owner is not
    limited so.
    """

    def __init__(self, slots: int, waiting: int, patience: float) -> None:
        self._slots, self._places, self._patience = slots, slots + waiting, patience
        self._share = max(1, self._places // 2)
        self._present: list[_Visit] = []  # in order of arrival
        self._last_started: dict[str | None, int] = {}  # by owner, as long as the owner has work in the queue
        self._starts = itertools.count(1)
        self._changed = threading.Condition()

    @contextmanager
    def slot(self, owner: str | None) -> Iterator[None]:
        """Hold a slot while the block runs. Raises Busy if the queue is full or the wait takes too long."""
        visit = self._enter(owner)
        try:
            self._wait(visit)
            yield
        finally:
            self._leave(visit)

    def check_room(self, owner: str | None) -> None:
        """Raise Busy if there is no place for this owner right now."""
        with self._changed:
            self._check_room(owner)

    def _check_room(self, owner: str | None) -> None:
        if len(self._present) >= self._places:
            raise Busy("the queue is full")
        if owner is not None and sum(other.owner == owner for other in self._present) >= self._share:
            raise Busy("the address holds its share of the queue")

    def _enter(self, owner: str | None) -> _Visit:
        with self._changed:
            self._check_room(owner)
            self._present.append(visit := _Visit(owner))
            return visit

    def _wait(self, visit: _Visit) -> None:
        with self._changed:
            if not self._changed.wait_for(lambda: self._next() is visit, self._patience):
                raise Busy("waited too long in the queue")
            visit.running = True
            self._last_started[visit.owner] = next(self._starts)
            self._changed.notify_all()  # a second slot may be free for the next one

    def _leave(self, visit: _Visit) -> None:
        with self._changed:
            self._present.remove(visit)
            if all(other.owner != visit.owner for other in self._present):
                self._last_started.pop(visit.owner, None)
            self._changed.notify_all()

    def _next(self) -> _Visit | None:
        """The visit that may start now: of the owner with the least running, then of the one served longest ago."""
        running = [visit.owner for visit in self._present if visit.running]
        waiting = [visit for visit in self._present if not visit.running]
        if not waiting or len(running) >= self._slots:
            return None
        return min(waiting, key=lambda visit: (running.count(visit.owner), self._last_started.get(visit.owner, 0)))
