"""The fair queue: how many run and wait, and who is next."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from daypass.throttling.errors import Busy
from daypass.throttling.fair_queue import FairQueue, queue_owner
from tests.integration.faults.load import eventually

MALLORY, ALICE, BOB = "203.0.113.9", "192.0.2.1", "192.0.2.2"


class Work:
    """Work in a queue, each piece in its own thread, that the test ends."""

    def __init__(self, queue: FairQueue) -> None:
        self.queue = queue
        self.started: list[str] = []
        self.ends: dict[str, threading.Event] = {}
        self.threads: list[threading.Thread] = []

    def ask(self, name: str, owner: str | None, *, known: bool = False) -> None:
        """Ask for a slot; returns once the queue has the request."""
        before = len(self.queue._present)
        self.ends[name] = threading.Event()
        self.threads.append(threading.Thread(target=self._work, args=(name, owner, known)))
        self.threads[-1].start()
        assert eventually(lambda: len(self.queue._present) > before)

    def _work(self, name: str, owner: str | None, known: bool) -> None:
        with self.queue.slot(owner, known=known):
            self.started.append(name)
            assert self.ends[name].wait(20)

    def end(self, name: str) -> None:
        """End a running piece of work; returns once another one has started."""
        assert eventually(lambda: name in self.started, seconds=5)
        before = len(self.started)
        self.ends[name].set()
        assert eventually(lambda: len(self.started) > before)


@contextmanager
def working(queue: FairQueue) -> Iterator[Work]:
    work = Work(queue)
    try:
        yield work
    finally:
        for end in work.ends.values():
            end.set()
        for thread in work.threads:
            thread.join(20)


@pytest.mark.parametrize(("slots", "waiting", "share"), [(1, 4, 2), (2, 4, 3), (1, 1, 1), (1, 0, 1)])
def test_one_owner_holds_at_most_half_of_the_places(slots: int, waiting: int, share: int) -> None:
    with working(FairQueue(slots, waiting, 20)) as work:
        for number in range(share):
            work.ask(f"m{number}", MALLORY)
        for ask in (work.queue.check_room, lambda owner: work.queue.slot(owner).__enter__()):
            with pytest.raises(Busy):
                ask(MALLORY)
        if share < slots + waiting:
            work.queue.check_room(ALICE)


def test_work_without_an_owner_may_take_all_places() -> None:
    with working(FairQueue(1, 2, 20)) as work:
        for name in "abc":
            work.ask(name, None)
        for owner in (None, ALICE):
            with pytest.raises(Busy):
                work.queue.check_room(owner)


def test_owners_take_turns_regardless_of_arrival() -> None:
    with working(FairQueue(1, 9, 20)) as work:
        for name, owner in (
            ("m1", MALLORY),
            ("m2", MALLORY),
            ("m3", MALLORY),
            ("a1", ALICE),
            ("b1", BOB),
            ("a2", ALICE),
        ):
            work.ask(name, owner)
        for name in ("m1", "a1", "b1", "m2", "a2"):
            work.end(name)
        assert work.started == ["m1", "a1", "b1", "m2", "a2", "m3"]


def test_an_owner_with_work_running_comes_after_one_that_has_none() -> None:
    with working(FairQueue(2, 8, 20)) as work:
        for name, owner in (("m1", MALLORY), ("b1", BOB), ("m2", MALLORY), ("b2", BOB)):
            work.ask(name, owner)
            assert eventually(lambda: len(work.started) == min(2, len(work.ends)))
        work.end("b1")  # mallory was served longest ago, and has something running
        assert work.started == ["m1", "b1", "b2"]


def test_known_devices_have_places_of_their_own() -> None:
    queue = FairQueue(1, 1, 20, reserved=1)
    with working(queue) as work:
        work.ask("m1", "203.0.113.1")
        work.ask("m2", "203.0.113.2")
        with pytest.raises(Busy):
            queue.check_room(ALICE)
        queue.check_room("device of alice", known=True)
        work.ask("a1", "device of alice", known=True)
        with pytest.raises(Busy):
            queue.check_room("device of bob", known=True)


def test_every_second_job_is_that_of_a_known_device() -> None:
    with working(FairQueue(1, 9, 20)) as work:
        for number in range(4):
            work.ask(f"m{number}", f"203.0.113.{number}")
        work.ask("a1", "device of alice", known=True)
        work.ask("b1", "device of bob", known=True)
        for name in ("m0", "a1", "m1", "b1", "m2"):
            work.end(name)
        assert work.started == ["m0", "a1", "m1", "b1", "m2", "m3"]


def test_a_place_is_free_again_once_the_work_ends_or_has_waited_too_long() -> None:
    queue = FairQueue(1, 3, 0.01)
    with working(queue) as work:
        work.ask("m1", MALLORY)
        with pytest.raises(Busy), queue.slot(MALLORY):
            pass
        assert len(queue._present) == 1
    with queue.slot(MALLORY):
        pass
    assert (queue._present, queue._last_started) == ([], {})


@pytest.mark.parametrize(
    ("address", "same"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::1"),
        ("fe80::1%eth0", "fe80::2"),
    ],
)
def test_addresses_of_one_host_are_one_owner(address: str, same: str) -> None:
    assert queue_owner(address) == queue_owner(same) is not None


@pytest.mark.parametrize(
    ("address", "other"), [("192.0.2.1", "192.0.2.2"), ("2001:db8:1:2::1", "2001:db8:1:3::1"), ("::1", "127.0.0.1")]
)
def test_other_addresses_are_other_owners(address: str, other: str) -> None:
    assert queue_owner(address) != queue_owner(other)


@pytest.mark.parametrize("address", [None, "", "unix:", "192.0.2.1:80"])
def test_text_that_is_not_an_address_has_no_owner(address: str | None) -> None:
    assert queue_owner(address) is None


def test_the_state_counts_what_runs_waits_was_done_and_was_rejected() -> None:
    queue = FairQueue(slots=1, waiting=1, patience=20)
    work = Work(queue)
    work.ask("first", None)
    work.ask("second", None)
    assert eventually(lambda: work.started == ["first"])
    with pytest.raises(Busy), queue.slot(None):
        pass
    assert (queue.state().running, queue.state().waiting, queue.state().rejected) == (1, 1, 1)
    work.end("first")
    work.ends["second"].set()
    for thread in work.threads:
        thread.join(20)
    state = queue.state()
    assert (state.running, state.waiting, state.done, state.rejected) == (0, 0, 2, 1)
    assert state.seconds > 0
