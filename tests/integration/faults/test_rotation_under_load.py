"""Keys that rotate and one that is dropped while both workers are busy: nobody notices, but for the dropped one's."""

import itertools
import json
import secrets
import time
from base64 import urlsafe_b64decode
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest
from flask import Flask

from daypass.accounts import queries
from daypass.database.transactions import write_transaction
from daypass.keys import rotation, signing_key
from daypass.keys.algorithms import Algorithm
from daypass.web.context import current_db, current_runtime
from tests.conftest import new_session
from tests.helpers.rounds import rounds
from tests.helpers.server import Server, running
from tests.integration.faults.factories import EACH, add_people, app_beside
from tests.integration.faults.load import Hit, blunders, enter, meanwhile, sign_in

ROTATIONS = rounds(full=30, quick=6)  # one each second
RATE = 100  # requests in a second
CLIENTS = 4
AFTERWARDS = 3.0  # seconds from the drop to the end
ALGORITHMS = (Algorithm.ES256, Algorithm.EDDSA, Algorithm.HS256, Algorithm.RS256)


@dataclass
class World:
    """What was asked and answered."""

    server: Server
    tokens: list[str]
    hits: list[Hit] = field(default_factory=list)
    dropped: str = ""
    dropped_at: float = float("inf")  # when the drop was done, by the monotonic clock

    def visit(self) -> Hit:
        return enter(self.server, secrets.choice(self.tokens), page=bool(secrets.randbelow(2)))


def kid(token: str) -> str:
    """The id of the key that signed a token."""
    part = token.partition(".")[0]
    return str(json.loads(urlsafe_b64decode(part + "=" * (-len(part) % 4)))["kid"])


def rotate(app: Flask, algorithm: Algorithm) -> None:
    key = signing_key.generate(algorithm)
    with app.app_context(), write_transaction(current_db()):
        rotation.rotate(current_db(), key, current_runtime().settings.secret_key)


def drop(world: World, app: Flask) -> None:
    """Drop the retired key that most tokens are of."""
    with app.app_context():
        retired = {row.kid for row in rotation.list_keys(current_db()) if not row.signs}
    world.dropped = Counter(one for one in map(kid, world.tokens) if one in retired).most_common(1)[0][0]
    with app.app_context(), write_transaction(current_db()):
        rotation.drop(current_db(), world.dropped)
    world.dropped_at = time.monotonic()


def each_second(times: int) -> Iterator[int]:
    start = time.monotonic()
    for number in range(times):
        time.sleep(max(0, start + number + 1 - time.monotonic()))
        yield number


def newcomer(world: World, names: list[str]) -> Callable[[], Hit]:
    """Somebody who signs in, by whatever key a worker signs with then."""
    people = itertools.cycle(names)

    def come() -> Hit:
        hit = sign_in(world.server, next(people))
        if hit.status == 200:
            world.tokens.append(hit.new_token)
        return hit

    return come


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory, password_hash: str) -> Iterator[World]:
    with running(tmp_path_factory.mktemp("rotation"), DAYPASS_WORKERS="2") as server:
        names = add_people(server, password_hash, 12 * EACH)
        world = World(server, list(names))
        with app_beside(server) as app:
            people = itertools.cycle(ids(app))
            load = [world.visit] * CLIENTS
            come = [newcomer(world, sorted(set(names.values())))]
            with meanwhile(load, CLIENTS / RATE) as asked, meanwhile(come, 2.0) as came:
                for number in each_second(ROTATIONS):
                    rotate(app, ALGORITHMS[number % len(ALGORITHMS)])
                    world.tokens += [new_session(app, next(people))[1] for _ in range(2)]
                drop(world, app)
                time.sleep(AFTERWARDS)
        world.hits += asked + came
        yield world


def ids(app: Flask) -> list[str]:
    with app.app_context():
        return [row.id for row in queries.list_accounts(current_db(), datetime.now(UTC))]


def of_dropped(world: World, hit: Hit) -> bool:
    return hit.token != "" and kid(hit.token) == world.dropped


def test_there_was_a_load_and_every_key_signed_for_it(world: World) -> None:
    assert len(world.hits) > (ROTATIONS + AFTERWARDS) * RATE / 2
    assert len({kid(hit.token) for hit in world.hits if hit.token}) > ROTATIONS * 0.8
    assert sum(of_dropped(world, hit) and hit.began > world.dropped_at for hit in world.hits) > 3


def test_no_valid_token_was_refused(world: World) -> None:
    valid = [
        hit for hit in world.hits if hit.token and (not of_dropped(world, hit) or hit.ended < world.dropped_at - 1)
    ]
    assert [str(hit) for hit in valid if hit.status != 200] == []


def test_no_token_of_the_dropped_key_was_accepted(world: World) -> None:
    late = [hit for hit in world.hits if of_dropped(world, hit) and hit.began > world.dropped_at]
    assert [str(hit) for hit in late if hit.status != 401] == []


def test_nobody_who_signed_in_was_turned_away_and_nothing_failed(world: World) -> None:
    signed_in = [hit for hit in world.hits if not hit.token]
    assert signed_in != []
    assert {hit.status for hit in signed_in} == {200}
    assert blunders(world.hits) == []
    assert [str(hit) for hit in world.hits if hit.status >= 500 or hit.cut] == []
