"""Keys rotate under load, and only a dropped key's tokens are refused."""

import itertools
import json
import secrets
import time
from base64 import urlsafe_b64decode
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import pytest
from flask import Flask

from daypass.accounts import queries
from daypass.database.transactions import write_transaction
from daypass.keys import rotation
from daypass.keys.algorithms import Algorithm
from daypass.web.context import current_db
from tests.conftest import new_session
from tests.helpers.factories import SESSIONS_PER_ACCOUNT, add_sessions, app_on_database_of
from tests.helpers.keys import rotate_keys
from tests.helpers.rounds import rounds
from tests.helpers.server import Server, running
from tests.integration.faults.load import Attempt, background_load, get_gated_page, sign_in, unexpected_errors

ROTATIONS = rounds(full=12, quick=6)  # one per second
RATE = 100  # requests per second, at most
CLIENTS = 4
NEWEST = 8  # tokens, of the latest keys: each key is used soon after it was made
AFTERWARDS = 3.0  # seconds from the drop to the end
ALGORITHMS = (Algorithm.ES256, Algorithm.EDDSA, Algorithm.HS256, Algorithm.RS256)


@dataclass
class RotationRun:
    """The attempts of a run, and the key that was dropped in it."""

    server: Server
    tokens: list[str]
    attempts: list[Attempt] = field(default_factory=list)
    dropped: str = ""
    dropped_at: float = float("inf")  # monotonic clock

    def request_page(self) -> Attempt:
        """Request a page with a token of any key, or with one of the newest."""
        tokens = secrets.choice([self.tokens, self.tokens[-NEWEST:]])
        return get_gated_page(self.server, secrets.choice(tokens), page=bool(secrets.randbelow(2)))


def kid(token: str) -> str:
    """The id of the key that signed a token."""
    header = token.partition(".")[0]
    return str(json.loads(urlsafe_b64decode(header + "=" * (-len(header) % 4)))["kid"])


def drop(run: RotationRun, app: Flask) -> None:
    """Drop the retired key that signed the most tokens."""
    with app.app_context():
        retired = {row.kid for row in rotation.list_keys(current_db()) if not row.signs}
    run.dropped = Counter(key for key in map(kid, run.tokens) if key in retired).most_common(1)[0][0]
    with app.app_context(), write_transaction(current_db()):
        rotation.drop(current_db(), run.dropped)
    run.dropped_at = time.monotonic()


def each_second(times: int) -> Iterator[int]:
    start = time.monotonic()
    for number in range(times):
        time.sleep(max(0, start + number + 1 - time.monotonic()))
        yield number


def sign_ins(run: RotationRun, names: list[str]) -> Callable[[], Attempt]:
    """An action that signs in, with the key that the worker signs with."""
    cycle = itertools.cycle(names)

    def sign_in_next() -> Attempt:
        attempt = sign_in(run.server, next(cycle))
        if attempt.status == 200:
            run.tokens.append(attempt.new_token)
        return attempt

    return sign_in_next


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory, password_hash: str) -> Iterator[RotationRun]:
    with running(tmp_path_factory.mktemp("rotation"), DAYPASS_WORKERS="2") as server:
        names = add_sessions(server, password_hash, 12 * SESSIONS_PER_ACCOUNT)
        run = RotationRun(server, list(names))
        with app_on_database_of(server) as app:
            accounts = itertools.cycle(account_ids(app))
            load = [run.request_page] * CLIENTS
            new_sessions = [sign_ins(run, sorted(set(names.values())))]
            with background_load(load, CLIENTS / RATE) as pages, background_load(new_sessions, 2.0) as signed_in:
                for number in each_second(ROTATIONS):
                    rotate_keys(app, ALGORITHMS[number % len(ALGORITHMS)])
                    run.tokens += [new_session(app, next(accounts))[1] for _ in range(2)]
                drop(run, app)
                time.sleep(AFTERWARDS)
        run.attempts += pages + signed_in
        yield run


def account_ids(app: Flask) -> list[str]:
    with app.app_context():
        return [account.id for account in queries.iterate(current_db())]


def uses_dropped_key(run: RotationRun, attempt: Attempt) -> bool:
    return attempt.token != "" and kid(attempt.token) == run.dropped


def test_there_was_load_with_tokens_of_every_key(run: RotationRun) -> None:
    assert len({kid(attempt.token) for attempt in run.attempts if attempt.token}) > ROTATIONS * 0.8
    assert sum(uses_dropped_key(run, attempt) and attempt.began > run.dropped_at for attempt in run.attempts) > 3


def test_no_valid_token_was_refused(run: RotationRun) -> None:
    valid = [
        attempt
        for attempt in run.attempts
        if attempt.token and (not uses_dropped_key(run, attempt) or attempt.ended < run.dropped_at - 1)
    ]
    assert [str(attempt) for attempt in valid if attempt.status != 200] == []


def test_no_token_of_the_dropped_key_was_accepted(run: RotationRun) -> None:
    late = [attempt for attempt in run.attempts if uses_dropped_key(run, attempt) and attempt.began > run.dropped_at]
    assert [str(attempt) for attempt in late if attempt.status != 401] == []


def test_every_sign_in_succeeded_and_nothing_failed(run: RotationRun) -> None:
    signed_in = [attempt for attempt in run.attempts if not attempt.token]
    assert signed_in != []
    assert {attempt.status for attempt in signed_in} == {200}
    assert unexpected_errors(run.attempts) == []
    assert [str(attempt) for attempt in run.attempts if attempt.status >= 500 or attempt.error] == []
