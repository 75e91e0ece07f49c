"""A bounded queue for expensive work, fair between client addresses."""

import ipaddress
import itertools
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from daypass.net.addresses import parse_address
from daypass.throttling.errors import Busy


def queue_owner(address: str | None) -> str | None:
    """The owner of a client's work: its IPv4 address, or its IPv6 /64 network, which usually belongs to one host.

    None if the address is missing or malformed.
    """
    parsed = parse_address(address)
    if parsed is None:
        return None
    return str(ipaddress.ip_network((parsed, 64), strict=False)) if parsed.version == 6 else str(parsed)


@dataclass(eq=False)
class _Job:
    """A job in the queue: its owner, whether that is a known device, and whether it is running or waiting."""

    owner: str | None
    known: bool
    running: bool = False
    started: float = 0.0  # monotonic time


@dataclass(frozen=True)
class QueueState:
    """The jobs that run and wait now, and totals since the start: jobs done, jobs rejected, seconds of work."""

    running: int
    waiting: int
    done: int
    rejected: int
    seconds: float


class FairQueue:
    """Runs a limited number of jobs at once. Others wait in turn, or are rejected.

    slots: jobs at once. waiting: how many more may wait. patience: how many seconds one may wait. reserved: further
    places, for known devices only.
    One owner (a network address or a known device) may hold at most half of the places, but always one. Jobs without an
    owner are exempt from this limit. As long as known devices wait, every second job is theirs, so that a flood from
    many addresses does not shut them out.
    """

    def __init__(self, slots: int, waiting: int, patience: float, reserved: int = 0) -> None:
        self._slots, self._places, self._patience, self._reserved = slots, slots + waiting, patience, reserved
        self._share = max(1, self._places // 2)
        self._known_next = True  # whether the next job should be that of a known device
        self._present: list[_Job] = []  # in order of arrival
        self._last_started: dict[str | None, int] = {}  # by owner, as long as the owner has work in the queue
        self._starts = itertools.count(1)
        self._changed = threading.Condition()
        self._done = self._rejected = 0
        self._seconds = 0.0

    @contextmanager
    def slot(self, owner: str | None, *, known: bool = False) -> Iterator[None]:
        """Hold a slot while the block runs. Raises Busy if the queue is full or the wait takes too long.

        known: whether the owner is a known device.
        """
        job = self._enter(owner, known)
        try:
            self._wait(job)
            yield
        finally:
            self._leave(job)

    def state(self) -> QueueState:
        """The numbers of jobs, and the totals since the start."""
        with self._changed:
            running = sum(job.running for job in self._present)
            waiting = len(self._present) - running
            return QueueState(running, waiting, self._done, self._rejected, self._seconds)

    def check_room(self, owner: str | None, *, known: bool = False) -> None:
        """Raise Busy if this owner cannot get a place now."""
        with self._changed:
            self._check_room(owner, known)

    def _check_room(self, owner: str | None, known: bool) -> None:
        if len(self._present) >= self._places + (self._reserved if known else 0):
            self._rejected += 1
            raise Busy("the queue is full")
        if owner is not None and sum(other.owner == owner for other in self._present) >= self._share:
            self._rejected += 1
            raise Busy("the address holds its share of the queue")

    def _enter(self, owner: str | None, known: bool) -> _Job:
        with self._changed:
            self._check_room(owner, known)
            self._present.append(job := _Job(owner, known))
            return job

    def _wait(self, job: _Job) -> None:
        with self._changed:
            if not self._changed.wait_for(lambda: self._next() is job, self._patience):
                self._rejected += 1
                raise Busy("waited too long in the queue")
            job.running, job.started = True, time.monotonic()
            self._last_started[job.owner] = next(self._starts)
            self._known_next = not job.known
            self._changed.notify_all()  # a second slot may be free for the next one

    def _leave(self, job: _Job) -> None:
        with self._changed:
            self._present.remove(job)
            if job.running:
                self._done, self._seconds = self._done + 1, self._seconds + time.monotonic() - job.started
            if all(other.owner != job.owner for other in self._present):
                self._last_started.pop(job.owner, None)
            self._changed.notify_all()

    def _next(self) -> _Job | None:
        """The next job: of known devices and others in turn, and of the owner with the fewest running jobs.

        Among those, of the owner served longest ago.
        """
        running = [job.owner for job in self._present if job.running]
        waiting = [job for job in self._present if not job.running]
        if not waiting or len(running) >= self._slots:
            return None
        candidates = [job for job in waiting if job.known == self._known_next] or waiting
        return min(candidates, key=lambda job: (running.count(job.owner), self._last_started.get(job.owner, 0)))
