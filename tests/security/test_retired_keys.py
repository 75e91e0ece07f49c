"""Row 23: tokens of a key that is no longer ours, in processes that were running when it ceased to be."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from daypass.database.models import StoredKey
from daypass.database.transactions import write_transaction
from daypass.keys import rotation, signing_key
from daypass.keys.ring import CLOCK_SKEW
from daypass.keys.signing_key import SigningKey
from daypass.sessions import lifecycle
from daypass.tokens import codec
from daypass.tokens.claims import Claims
from daypass.web.context import current_db
from tests.conftest import SECRET_KEY, close_app, new_session
from tests.security.forging import ENDED, FORGED
from tests.security.target_app import GOOD, World, told

pytestmark = pytest.mark.row(23)

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)


def write(world: World, act: Callable[[Session], object]) -> None:
    with world.app.app_context(), write_transaction(current_db()):
        act(current_db())


def rotate(world: World) -> None:
    """Sign with another key of the same kind; the one that the world's target knows is retired."""
    key = signing_key.generate(world.settings.algorithm)
    write(world, lambda db: rotation.rotate(db, key, SECRET_KEY))


def retire(world: World, ago: timedelta) -> datetime:
    """The same, so long ago; returns when."""
    rotate(world)
    moment = datetime.now(UTC) - ago
    write(world, lambda db: setattr(db.get_one(StoredKey, world.target.key.kid), "retired_at", moment))
    return moment


def session_since(world: World, age: timedelta) -> tuple[Claims, str]:
    """A session of the member that is so old, and may be kept."""
    return new_session(world.app, world.target.payload["sub"], age=age, keep=True)


def test_a_dropped_key_is_refused_by_processes_that_let_its_token_in_a_moment_ago(
    own_world: World, processes: list[Flask]
) -> None:
    world, token = own_world, own_world.target.token
    assert told(processes, token) == {GOOD}
    rotate(world)
    _, later = session_since(world, MINUTE)
    assert told(processes, token) == told(processes, later) == {GOOD}

    write(world, lambda db: rotation.drop(db, world.target.key.kid))

    assert told(processes, token) == {FORGED}
    assert told(processes, world.target.signed()) == {FORGED}
    assert told(processes, later) == {GOOD}
    started_later = world.another_process()
    assert told([started_later], token) == {FORGED}
    close_app(started_later)


def test_a_dropped_key_that_signed_is_refused_too(own_world: World, processes: list[Flask]) -> None:
    assert told(processes, own_world.target.token) == {GOOD}
    write(own_world, lambda db: rotation.drop(db, own_world.target.key.kid))
    assert told(processes, own_world.target.token) == {FORGED}


def test_a_spent_key_is_forgotten_by_processes_that_have_it_in_memory(own_world: World, processes: list[Flask]) -> None:
    """Spent is a key once the last session of its time has ended, and not before."""
    world = own_world
    claims, token = session_since(world, 3 * DAY)
    retire(world, 2 * DAY)
    write(world, lambda db: rotation.delete_unused(db, timedelta(hours=1)))
    assert told(processes, token) == {GOOD}

    write(world, lambda db: lifecycle.end(db, claims.session_id, "signed_out"))
    assert told(processes, token) == {ENDED}
    write(world, lambda db: rotation.delete_unused(db, timedelta(hours=1)))

    assert told(processes, token) == {FORGED}


def test_a_retired_key_signs_nothing_that_is_dated_later(own_world: World, processes: list[Flask]) -> None:
    """(K) Somebody has stolen it, and a token of a session that lives; what it signed in its time stays good."""
    world = own_world
    claims, token = session_since(world, 10 * MINUTE)
    dated_now = codec.encode(replace(claims, issued_at=whole(datetime.now(UTC))), world.target.key)
    assert told(processes, dated_now) == told(processes, token) == {GOOD}

    retired_at = retire(world, 5 * MINUTE)

    for moment in (retired_at + CLOCK_SKEW + timedelta(seconds=1), datetime.now(UTC)):
        text = codec.encode(replace(claims, issued_at=whole(moment)), world.target.key)
        assert told(processes, text) == {FORGED}
    in_its_time = codec.encode(replace(claims, issued_at=whole(retired_at)), world.target.key)
    assert told(processes, dated_now) == {FORGED}
    assert told(processes, in_its_time) == told(processes, token) == {GOOD}


def test_a_key_that_takes_over_the_id_of_another_takes_over_none_of_its_tokens(
    own_world: World, processes: list[Flask]
) -> None:
    world, token = own_world, own_world.target.token
    another = signing_key.generate(world.settings.algorithm)
    successor = SigningKey(world.target.key.kid, another.algorithm, another.private)
    assert told(processes, token) == {GOOD}

    def replaced(db: Session) -> None:
        rotation.drop(db, world.target.key.kid)
        rotation.rotate(db, successor, SECRET_KEY)

    write(world, replaced)
    assert told(processes, token) == {FORGED}
    assert told(processes, replace(world.target, key=successor).signed()) == {GOOD}


def whole(moment: datetime) -> datetime:
    """As tokens tell it: in whole seconds."""
    return moment.replace(microsecond=0)
