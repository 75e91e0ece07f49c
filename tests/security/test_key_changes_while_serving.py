"""Row 69: signing keys and SECRET_KEY change while people ask: no fault, nobody wrongly in, nobody wrongly out."""

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

from app import create_app
from daypass.database.transactions import write_transaction
from daypass.keys import rotation, signing_key
from daypass.web.context import current_db, current_runtime
from tests.conftest import SECRET_KEY, close_app, new_session
from tests.security.forging import FORGED
from tests.security.target_app import GOOD, World, told

pytestmark = pytest.mark.row(69)

CROWD = 3  # threads that ask
LOOKS = 4  # requests of each thread that are waited for after each change, so that it is made under load
NEW_SECRET = SECRET_KEY[::-1]


@dataclass
class Site:
    """Processes that serve, tokens that are good and tokens that are not, and what the crowd was told."""

    world: World
    serving: list[Flask]
    good: list[str] = field(default_factory=list)
    bad: list[str] = field(default_factory=list)
    asked: Counter[int] = field(default_factory=Counter)  # by each thread
    wrong: list[tuple[str, set[str]]] = field(default_factory=list)

    def ask(self) -> None:
        """Show one token, as cookie and as bearer, to one of the processes."""
        expected = secrets.choice([GOOD, FORGED])
        token = secrets.choice(self.good if expected == GOOD else self.bad)
        answers = told([secrets.choice(self.serving)], token)
        if answers != {expected}:
            self.wrong.append((token, answers))
        self.asked[threading.get_ident()] += 1

    def sign_in(self, app: Flask) -> str:
        """A token of this process, for somebody new to it."""
        self.good.append(new_session(app, self.world.target.payload["sub"])[1])
        return self.good[-1]

    def look(self) -> None:
        """Let the crowd ask for a while."""
        before, deadline = self.asked.copy(), time.monotonic() + 30
        while len(self.asked) < CROWD or any(self.asked[who] < before[who] + LOOKS for who in list(self.asked)):
            assert time.monotonic() < deadline
            time.sleep(0.005)


@contextmanager
def crowd(site: Site) -> Iterator[None]:
    """People who ask all the time while the block runs."""
    over = threading.Event()

    def go_on() -> None:
        while not over.is_set():
            site.ask()

    with ThreadPoolExecutor(CROWD) as pool:
        going = [pool.submit(go_on) for _ in range(CROWD)]
        try:
            yield
        finally:
            over.set()
        for one in going:
            one.result()


@pytest.fixture
def start(own_world: World) -> Iterator[Callable[..., Flask]]:
    """Start a process with these secret keys: SECRET_KEY, and those beside it."""
    made: list[Flask] = []

    def start(secret_key: str, *others: str) -> Flask:
        settings = replace(own_world.settings, secret_key=secret_key, secret_key_fallbacks=others)
        made.append(create_app(settings))
        return made[-1]

    yield start
    for app in made:
        close_app(app)


@pytest.fixture
def site(own_world: World, processes: list[Flask]) -> Site:
    target = own_world.target
    bad = [target.with_signature(bytes(64)), target.with_kept_signature(payload=target.admin)]
    return Site(own_world, list(processes), [target.token], bad)


def rotate(app: Flask) -> None:
    """What `flask keys rotate` does with the settings of this process."""
    with app.app_context():
        settings = current_runtime().settings
        key = signing_key.generate(settings.algorithm)
        with write_transaction(current_db()):
            rotation.rotate(current_db(), key, settings.secret_key)


def test_keys_rotate_and_one_is_dropped_while_everybody_asks(site: Site) -> None:
    target, here = site.world.target, site.serving[0]
    with crowd(site):
        for _ in range(3):
            rotate(here)
            for app in site.serving:
                site.sign_in(app)
            site.look()
        site.good.remove(target.token)
        site.look()  # until nobody who chose it before is still on the way
        with here.app_context(), write_transaction(current_db()):
            rotation.drop(current_db(), target.key.kid)
        site.bad += [target.token, target.signed()]
        site.look()
        site.look()
    assert site.wrong == []
    assert told(site.serving, target.token) == {FORGED}


def test_the_secret_key_changes_step_by_step_while_everybody_asks(site: Site, start: Callable[..., Flask]) -> None:
    """The steps of docs/keys.md, node by node; each node rotates the keys as soon as it has started."""
    steps = [(SECRET_KEY, NEW_SECRET), (NEW_SECRET, SECRET_KEY)]
    with crowd(site):
        for secret_keys in steps:
            for node in range(2):
                site.serving[node] = start(*secret_keys)
                rotate(site.serving[node])
                for app in site.serving:
                    site.sign_in(app)
                site.look()
        with site.serving[0].app_context(), write_transaction(current_db()):
            rotation.reencrypt(current_db(), [NEW_SECRET, SECRET_KEY])
        site.look()
        for node in range(2):
            site.serving[node] = start(NEW_SECRET)
            rotate(site.serving[node])
            site.sign_in(site.serving[node])
            site.look()
    assert site.wrong == []
    assert {answer for token in site.good for answer in told(site.serving, token)} == {GOOD}
