"""The key ring, as it is loaded from the database."""

import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event, select

from daypass.accounts import accounts
from daypass.database.change_detector import change_detector
from daypass.database.models import StoredKey
from daypass.database.replica import Replica
from daypass.database.transactions import write_transaction
from daypass.keys import rotation, signing_key
from daypass.keys import store as store_module
from daypass.keys.algorithms import Algorithm
from daypass.keys.errors import UnreadableKey
from daypass.keys.signing_key import SigningKey
from daypass.keys.store import KeyStore
from daypass.web.context import current_db, current_runtime
from tests.conftest import SECRET_KEY


def store(
    app: Flask, *, secret_keys: Sequence[str] = (SECRET_KEY,), algorithm: Algorithm = Algorithm.HS256
) -> KeyStore:
    with app.app_context():
        replica = Replica(
            current_runtime().session_factory,
            change_detector(current_runtime().engine, current_runtime().session_factory),
            grace=30,
        )
        return KeyStore(replica, current_runtime().session_factory, secret_keys, algorithm)


def check(app: Flask, secret_keys: list[str]) -> None:
    with app.app_context():
        rotation.check_readable(current_db(), secret_keys)


def stored(app: Flask) -> list[str]:
    with app.app_context():
        return list(current_db().scalars(select(StoredKey.kid)))


def rotate(app: Flask) -> SigningKey:
    key = signing_key.generate(Algorithm.ES256)
    with app.app_context(), write_transaction(current_db()):
        rotation.rotate(current_db(), key, SECRET_KEY)
    return key


def test_no_key_is_made_before_it_is_needed(app: Flask) -> None:
    key_store = store(app)
    assert stored(app) == []
    signing = key_store.current().signing
    assert stored(app) == [signing.kid]


@pytest.mark.parametrize("algorithm", [Algorithm.HS512, Algorithm.ES256], ids=str)
def test_the_first_key_has_the_algorithm_that_is_set(app: Flask, algorithm: Algorithm) -> None:
    assert store(app, algorithm=algorithm).current().signing.algorithm is algorithm


def test_a_second_store_finds_the_same_ring(app: Flask, make_app: Callable[[], Flask]) -> None:
    here, elsewhere = store(app).current(), store(make_app()).current()
    assert [(key.kid, key.algorithm, key.private) for key in here] == [
        (key.kid, key.algorithm, key.private) for key in elsewhere
    ]


def test_the_ring_is_loaded_again_only_when_it_is_another_one(app: Flask, make_app: Callable[[], Flask]) -> None:
    key_store = store(app)
    first = key_store.current()
    with app.app_context(), write_transaction(current_db()):
        accounts.create(current_db(), "alice", "a hash")
    assert key_store.current() is first
    rotate(make_app())
    assert key_store.current() is not first


def test_the_newest_key_signs_at_once_in_every_process_and_the_older_ones_verify(
    app: Flask, make_app: Callable[[], Flask]
) -> None:
    here, elsewhere = store(app), store(make_app())
    oldest = here.ring.signing
    middle, newest = rotate(app), rotate(app)
    for key_store in (here, elsewhere):
        assert key_store.current().signing.kid == newest.kid
        assert [key.kid for key in key_store.current()] == [newest.kid, middle.kid, oldest.kid]
        assert [key.retired_at is None for key in key_store.current()] == [True, False, False]


def test_a_key_whose_row_is_gone_verifies_nothing_and_another_one_is_made_to_sign(app: Flask) -> None:
    key_store = store(app)
    first = key_store.current().signing
    with app.app_context(), write_transaction(current_db()):
        rotation.drop(current_db(), first.kid)
    assert key_store.current().find(first.kid) is None
    assert stored(app) == [key_store.current().signing.kid]


def test_a_former_secret_key_opens_the_keys_until_they_are_encrypted_anew(app: Flask) -> None:
    first = store(app).current().signing
    new_secret = SECRET_KEY[::-1]
    key_store = store(app, secret_keys=[new_secret, SECRET_KEY])
    assert key_store.current().signing.private == first.private
    with app.app_context(), write_transaction(current_db()):
        rotation.reencrypt(current_db(), [new_secret, SECRET_KEY])
    assert store(app, secret_keys=[new_secret]).current().signing.private == first.private
    with pytest.raises(UnreadableKey, match="DAYPASS_SECRET_KEY"):
        check(app, [SECRET_KEY])


def test_the_private_part_is_not_in_the_database(app: Flask, settings: Any) -> None:
    private = store(app).current().signing.private
    assert isinstance(private, bytes)
    with open(settings.database_url.database, "rb") as file, open(f"{file.name}-wal", "rb") as log:
        content = file.read() + log.read()
    assert stored(app)[0].encode() in content
    assert private not in content


def test_another_secret_key_is_refused_and_makes_no_key(app: Flask) -> None:
    kid = store(app).current().signing.kid
    for _ in range(2):
        with pytest.raises(UnreadableKey, match="DAYPASS_SECRET_KEY"):
            check(app, [SECRET_KEY[::-1]])
    assert stored(app) == [kid]


def test_two_processes_that_start_at_once_make_one_key(app: Flask, make_app: Callable[[], Flask]) -> None:
    """Neither starts to write before both have found no key."""
    both_found_none = threading.Barrier(2, timeout=10)
    apps = [app, make_app()]

    def hold(connection: Any, cursor: Any, statement: str, *rest: Any) -> None:
        if statement == "BEGIN IMMEDIATE":
            both_found_none.wait()

    for process in apps:
        with process.app_context():
            event.listen(current_runtime().engine, "before_cursor_execute", hold)
    with ThreadPoolExecutor(2) as pool:
        rings = list(pool.map(lambda key_store: key_store.current(), map(store, apps)))
    assert rings[0] is not rings[1]
    assert [list(ring) for ring in rings] == [[ring.signing] for ring in rings]
    assert rings[0].signing.kid == rings[1].signing.kid
    assert rings[0].signing.private == rings[1].signing.private


def test_threads_that_find_no_key_that_signs_make_one_together(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    key_store, made, generate = store(app), list[SigningKey](), signing_key.generate

    def generate_slowly(algorithm: Algorithm) -> SigningKey:
        time.sleep(0.1)  # the time in which the others come
        made.append(generate(algorithm))
        return made[-1]

    monkeypatch.setattr(store_module, "generate", generate_slowly)
    with ThreadPoolExecutor(8) as pool:
        assert {ring.signing.kid for ring in pool.map(lambda _: key_store.current(), range(8))} == {made[0].kid}
    assert len(made) == 1


def test_all_threads_of_a_process_share_one_ring(app: Flask) -> None:
    with app.app_context():
        key_store = current_runtime().keys
    start = threading.Barrier(4, timeout=10)

    def load(_: int) -> object:
        start.wait()
        return key_store.current()

    with ThreadPoolExecutor(4) as pool:
        assert len(set(map(id, pool.map(load, range(4))))) == 1
