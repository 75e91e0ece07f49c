"""Keys and SECRET_KEY change under load without wrong verdicts on tokens."""

import secrets
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

import pytest
from flask import Flask

from daypass.database.transactions import write_transaction
from daypass.keys import rotation
from daypass.program.app import create_app
from daypass.web.context import current_db
from tests.conftest import SECRET_KEY, close_app, new_session
from tests.helpers.keys import rotate_keys
from tests.security.forging import FORGED
from tests.security.target_app import ACCEPTED, TargetApp, verdicts

pytestmark = pytest.mark.row(69)

CLIENTS = 3  # threads that send requests
REQUESTS = 4  # of each thread, waited for after each change, so that every change happens under load
NEW_SECRET = SECRET_KEY[::-1]


@dataclass
class Site:
    """A site's processes, valid and forged tokens, and wrong responses."""

    target_app: TargetApp
    processes: list[Flask]
    valid: list[str] = field(default_factory=list)
    forged: list[str] = field(default_factory=list)
    requests: Counter[int] = field(default_factory=Counter)  # by thread
    wrong: list[tuple[str, set[str]]] = field(default_factory=list)

    def send_request(self) -> None:
        """Send one token, as cookie and as bearer, to one of the processes."""
        expected = secrets.choice([ACCEPTED, FORGED])
        token = secrets.choice(self.valid if expected == ACCEPTED else self.forged)
        found = verdicts([secrets.choice(self.processes)], token)
        if found != {expected}:
            self.wrong.append((token, found))
        self.requests[threading.get_ident()] += 1

    def sign_in(self, app: Flask) -> str:
        """Start a session in this process; its token is valid from now on."""
        self.valid.append(new_session(app, self.target_app.target.payload["sub"])[1])
        return self.valid[-1]

    def wait_for_requests(self) -> None:
        """Wait until each client has sent REQUESTS more requests."""
        before, deadline = self.requests.copy(), time.monotonic() + 30
        while len(self.requests) < CLIENTS or any(
            self.requests[thread] < before[thread] + REQUESTS for thread in list(self.requests)
        ):
            assert time.monotonic() < deadline
            time.sleep(0.005)


@contextmanager
def load(site: Site) -> Iterator[None]:
    """Clients that send requests without a pause while the block runs."""
    stopped = threading.Event()

    def run_client() -> None:
        while not stopped.is_set():
            site.send_request()

    with ThreadPoolExecutor(CLIENTS) as pool:
        clients = [pool.submit(run_client) for _ in range(CLIENTS)]
        try:
            yield
        finally:
            stopped.set()
        for client in clients:
            client.result()


@pytest.fixture
def start(own_target_app: TargetApp) -> Iterator[Callable[..., Flask]]:
    """Start a process with this SECRET_KEY and these fallbacks."""
    apps: list[Flask] = []

    def start(secret_key: str, *fallbacks: str) -> Flask:
        settings = replace(own_target_app.settings, secret_key=secret_key, secret_key_fallbacks=fallbacks)
        apps.append(create_app(settings))
        return apps[-1]

    yield start
    for app in apps:
        close_app(app)


@pytest.fixture
def site(own_target_app: TargetApp, processes: list[Flask]) -> Site:
    target = own_target_app.target
    forged = [target.with_signature(bytes(64)), target.with_kept_signature(payload=target.admin)]
    return Site(own_target_app, list(processes), [target.token], forged)


def test_keys_rotate_and_one_is_dropped_under_load(site: Site) -> None:
    target, first = site.target_app.target, site.processes[0]
    with load(site):
        for _ in range(3):
            rotate_keys(first)
            for app in site.processes:
                site.sign_in(app)
            site.wait_for_requests()
        site.valid.remove(target.token)
        site.wait_for_requests()  # until no client that chose it before still has a request under way
        with first.app_context(), write_transaction(current_db()):
            rotation.drop(current_db(), target.key.kid)
        site.forged += [target.token, target.signed()]
        site.wait_for_requests()
        site.wait_for_requests()
    assert site.wrong == []
    assert verdicts(site.processes, target.token) == {FORGED}


def test_the_secret_key_changes_step_by_step_under_load(site: Site, start: Callable[..., Flask]) -> None:
    """The steps of docs/keys.md, node by node.

    Each node rotates the keys right after its start.
    """
    steps = [(SECRET_KEY, NEW_SECRET), (NEW_SECRET, SECRET_KEY)]
    with load(site):
        for secret_keys in steps:
            for node in range(2):
                site.processes[node] = start(*secret_keys)
                rotate_keys(site.processes[node])
                for app in site.processes:
                    site.sign_in(app)
                site.wait_for_requests()
        with site.processes[0].app_context(), write_transaction(current_db()):
            rotation.reencrypt(current_db(), [NEW_SECRET, SECRET_KEY])
        site.wait_for_requests()
        for node in range(2):
            site.processes[node] = start(NEW_SECRET)
            rotate_keys(site.processes[node])
            site.sign_in(site.processes[node])
            site.wait_for_requests()
    assert site.wrong == []
    assert {verdict for token in site.valid for verdict in verdicts(site.processes, token)} == {ACCEPTED}
