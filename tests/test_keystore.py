"""The key ring as the database has it."""

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
from daypass.keys.algorithms import Algorithm
from daypass.keys.signing_key import SigningKey
from daypass.keys.store import KeyStore
from daypass.runtime import db, process
from daypass.settings.errors import SettingsError
from tests.conftest import SECRET_KEY


def store(
    app: Flask, *, secret_keys: Sequence[str] = (SECRET_KEY,), algorithm: Algorithm = Algorithm.HS256
) -> KeyStore:
    with app.app_context():
        mirror = Replica(db.sessionmaker, change_detector(db.engine, db.sessionmaker), grace=30)
        return KeyStore(mirror, db.sessionmaker, secret_keys, algorithm)


def stored(app: Flask) -> list[str]:
    with app.app_context():
        return list(db.session.scalars(select(StoredKey.kid)))


def rotate(app: Flask) -> SigningKey:
    key = signing_key.generate(Algorithm.ES256)
    with app.app_context(), write_transaction(db.session):
        rotation.rotate(db.session, key, SECRET_KEY)
    return key


def test_no_key_is_made_before_it_is_needed(app: Flask) -> None:
    held = store(app)
    assert stored(app) == []
    signing = held.ring.signing
    assert stored(app) == [signing.kid]


@pytest.mark.parametrize("algorithm", [Algorithm.HS512, Algorithm.ES256], ids=str)
def test_the_first_key_has_the_algorithm_that_is_set(app: Flask, algorithm: Algorithm) -> None:
    assert store(app, algorithm=algorithm).ring.signing.algorithm is algorithm


def test_a_second_store_finds_the_same_ring(app: Flask, make_app: Callable[[], Flask]) -> None:
    here, elsewhere = store(app).ring, store(make_app()).ring
    assert [(key.kid, key.algorithm, key.private) for key in here] == [
        (key.kid, key.algorithm, key.private) for key in elsewhere
    ]


def test_the_ring_is_loaded_again_only_when_it_is_another_one(app: Flask, make_app: Callable[[], Flask]) -> None:
    held = store(app)
    first = held.ring
    with app.app_context(), write_transaction(db.session):
        accounts.create(db.session, "alice", "a hash")
    assert held.ring is first
    rotate(make_app())
    assert held.ring is not first


def test_the_newest_key_signs_at_once_in_every_process_and_the_older_ones_verify(
    app: Flask, make_app: Callable[[], Flask]
) -> None:
    here, elsewhere = store(app), store(make_app())
    oldest = here.ring.signing
    middle, newest = rotate(app), rotate(app)
    for held in (here, elsewhere):
        assert held.ring.signing.kid == newest.kid
        assert [key.kid for key in held.ring] == [newest.kid, middle.kid, oldest.kid]
        assert [key.retired_at is None for key in held.ring] == [True, False, False]


def test_a_key_whose_row_is_gone_verifies_nothing_and_another_one_is_made_to_sign(app: Flask) -> None:
    held = store(app)
    first = held.ring.signing
    with app.app_context(), write_transaction(db.session):
        rotation.drop(db.session, first.kid)
    assert held.ring.find(first.kid) is None
    assert stored(app) == [held.ring.signing.kid]


def test_a_former_secret_key_opens_the_keys_until_they_are_encrypted_anew(app: Flask) -> None:
    first = store(app).ring.signing
    new_secret = SECRET_KEY[::-1]
    held = store(app, secret_keys=[new_secret, SECRET_KEY])
    assert held.ring.signing.private == first.private
    with app.app_context(), write_transaction(db.session):
        rotation.reencrypt(db.session, [new_secret, SECRET_KEY])
    assert store(app, secret_keys=[new_secret]).ring.signing.private == first.private
    with pytest.raises(SettingsError, match="DAYPASS_SECRET_KEY"):
        _ = store(app).ring


def test_the_private_part_is_not_in_the_database(app: Flask, settings: Any) -> None:
    private = store(app).ring.signing.private
    assert isinstance(private, bytes)
    with open(settings.database_url.database, "rb") as file, open(f"{file.name}-wal", "rb") as log:
        content = file.read() + log.read()
    assert stored(app)[0].encode() in content
    assert private not in content


def test_another_secret_key_is_refused_and_makes_no_key(app: Flask) -> None:
    kid = store(app).ring.signing.kid
    for _ in range(2):
        with pytest.raises(SettingsError, match="DAYPASS_SECRET_KEY"):
            _ = store(app, secret_keys=[SECRET_KEY[::-1]]).ring
    assert stored(app) == [kid]


def test_two_processes_that_start_at_once_make_one_key(app: Flask, make_app: Callable[[], Flask]) -> None:
    """Neither begins to write before both have found no key."""
    both_found_none = threading.Barrier(2, timeout=10)
    apps = [app, make_app()]

    def hold(connection: Any, cursor: Any, statement: str, *rest: Any) -> None:
        if statement == "BEGIN IMMEDIATE":
            both_found_none.wait()

    for one in apps:
        with one.app_context():
            event.listen(db.engine, "before_cursor_execute", hold)
    with ThreadPoolExecutor(2) as pool:
        rings = list(pool.map(lambda held: held.ring, map(store, apps)))
    assert rings[0] is not rings[1]
    assert [list(ring) for ring in rings] == [[ring.signing] for ring in rings]
    assert rings[0].signing.kid == rings[1].signing.kid
    assert rings[0].signing.private == rings[1].signing.private


def test_threads_that_find_no_key_that_signs_make_one_together(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    held, made, generate = store(app), list[SigningKey](), signing_key.generate

    def generate_slowly(algorithm: Algorithm) -> SigningKey:
        time.sleep(0.1)  # the time in which the others come
        made.append(generate(algorithm))
        return made[-1]

    monkeypatch.setattr(signing_key, "generate", generate_slowly)
    with ThreadPoolExecutor(8) as pool:
        assert {ring.signing.kid for ring in pool.map(lambda _: held.ring, range(8))} == {made[0].kid}
    assert len(made) == 1


def test_all_threads_of_a_process_share_one_ring(app: Flask) -> None:
    with app.app_context():
        held = process().keys
    start = threading.Barrier(4, timeout=10)

    def load(_: int) -> object:
        start.wait()
        return held.ring

    with ThreadPoolExecutor(4) as pool:
        assert len(set(map(id, pool.map(load, range(4))))) == 1
