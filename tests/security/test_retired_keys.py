"""Tokens of retired and dropped keys, in processes that keep running."""

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
from tests.helpers.keys import rotate_keys
from tests.security.forging import ENDED, FORGED
from tests.security.target_app import ACCEPTED, TargetApp, verdicts

pytestmark = pytest.mark.row(23)

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)


def write(target_app: TargetApp, action: Callable[[Session], object]) -> None:
    """Run an action in a write transaction."""
    with target_app.app.app_context(), write_transaction(current_db()):
        action(current_db())


def retire(target_app: TargetApp, ago: timedelta) -> datetime:
    """Rotate, and date the old key's retirement back.

    Returns the time of the retirement.
    """
    rotate_keys(target_app.app)
    moment = datetime.now(UTC) - ago
    write(target_app, lambda db: setattr(db.get_one(StoredKey, target_app.target.key.kid), "retired_at", moment))
    return moment


def session_since(target_app: TargetApp, age: timedelta) -> tuple[Claims, str]:
    """Start a kept session of the member that is this old."""
    return new_session(target_app.app, target_app.target.payload["sub"], age=age, keep=True)


def test_a_dropped_key_is_refused_by_processes_that_had_just_accepted_it(
    own_target_app: TargetApp, processes: list[Flask]
) -> None:
    target_app, token = own_target_app, own_target_app.target.token
    assert verdicts(processes, token) == {ACCEPTED}
    rotate_keys(target_app.app)
    _, later = session_since(target_app, MINUTE)
    assert verdicts(processes, token) == verdicts(processes, later) == {ACCEPTED}

    write(target_app, lambda db: rotation.drop(db, target_app.target.key.kid))

    assert verdicts(processes, token) == {FORGED}
    assert verdicts(processes, target_app.target.signed()) == {FORGED}
    assert verdicts(processes, later) == {ACCEPTED}
    started_afterwards = target_app.another_process()
    assert verdicts([started_afterwards], token) == {FORGED}
    close_app(started_afterwards)


def test_a_dropped_key_that_signed_is_refused_too(own_target_app: TargetApp, processes: list[Flask]) -> None:
    assert verdicts(processes, own_target_app.target.token) == {ACCEPTED}
    write(own_target_app, lambda db: rotation.drop(db, own_target_app.target.key.kid))
    assert verdicts(processes, own_target_app.target.token) == {FORGED}


def test_an_unused_key_is_forgotten_by_processes_that_have_it_in_memory(
    own_target_app: TargetApp, processes: list[Flask]
) -> None:
    """A key is unused once the last session from its time has ended."""
    target_app = own_target_app
    claims, token = session_since(target_app, 3 * DAY)
    retire(target_app, 2 * DAY)
    write(target_app, lambda db: rotation.delete_unused(db, timedelta(hours=1)))
    assert verdicts(processes, token) == {ACCEPTED}

    write(target_app, lambda db: lifecycle.end(db, claims.session_id, "signed_out"))
    assert verdicts(processes, token) == {ENDED}
    write(target_app, lambda db: rotation.delete_unused(db, timedelta(hours=1)))

    assert verdicts(processes, token) == {FORGED}


def test_tokens_dated_after_their_keys_retirement_are_refused(
    own_target_app: TargetApp, processes: list[Flask]
) -> None:
    """(K) An attacker has stolen the key and a live session's token.

    Tokens dated before the retirement stay valid.
    """
    target_app = own_target_app
    claims, token = session_since(target_app, 10 * MINUTE)
    dated_now = codec.encode(replace(claims, issued_at=whole_seconds(datetime.now(UTC))), target_app.target.key)
    assert verdicts(processes, dated_now) == verdicts(processes, token) == {ACCEPTED}

    retired_at = retire(target_app, 5 * MINUTE)

    for moment in (retired_at + CLOCK_SKEW + timedelta(seconds=1), datetime.now(UTC)):
        text = codec.encode(replace(claims, issued_at=whole_seconds(moment)), target_app.target.key)
        assert verdicts(processes, text) == {FORGED}
    dated_before = codec.encode(replace(claims, issued_at=whole_seconds(retired_at)), target_app.target.key)
    assert verdicts(processes, dated_now) == {FORGED}
    assert verdicts(processes, dated_before) == verdicts(processes, token) == {ACCEPTED}


def test_a_key_with_a_reused_id_verifies_none_of_the_former_keys_tokens(
    own_target_app: TargetApp, processes: list[Flask]
) -> None:
    target_app, token = own_target_app, own_target_app.target.token
    another = signing_key.generate(target_app.settings.algorithm)
    successor = SigningKey(target_app.target.key.kid, another.algorithm, another.private)
    assert verdicts(processes, token) == {ACCEPTED}

    def replace_key(db: Session) -> None:
        rotation.drop(db, target_app.target.key.kid)
        rotation.rotate(db, successor, SECRET_KEY)

    write(target_app, replace_key)
    assert verdicts(processes, token) == {FORGED}
    assert verdicts(processes, replace(target_app.target, key=successor).signed()) == {ACCEPTED}


def whole_seconds(moment: datetime) -> datetime:
    """The time without microseconds, as tokens hold it."""
    return moment.replace(microsecond=0)
