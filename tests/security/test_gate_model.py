"""A plain model of who should be let in, and the gate held to it whatever happens in whatever order (hypothesis)."""

import shutil
import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from flask import Flask
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, rule

from app import create_app
from daypass.accounts import accounts
from daypass.database.models import Account
from daypass.database.schema import migrate
from daypass.database.transactions import write_transaction
from daypass.gate import Credentials, Pass
from daypass.net.client import Client
from daypass.runtime import Runtime
from daypass.sessions import issuing, lifecycle
from daypass.sessions.issuing import Lifetime
from daypass.settings.environment import read_settings
from daypass.tokens import codec
from daypass.tokens.claims import Claims
from daypass.web.context import current_db, current_runtime
from tests.conftest import SECRET_KEY, close_app
from tests.helpers.rounds import rounds

DAY = 86_400
PLAIN, KEPT = Lifetime(DAY, DAY), Lifetime(7 * DAY, 30 * DAY)
PEOPLE = ["alice", "bob"]


@dataclass
class Session:
    """A session as the model has it."""

    person: str
    ended: bool = False


@dataclass(frozen=True)
class Held:
    """A token that somebody kept, and what it says."""

    text: str
    claims: Claims


class WhoIsLetIn(RuleBasedStateMachine):
    """Two processes on one database; the clock is the model's own, and only ever goes forward."""

    held = Bundle("held")

    @initialize()
    def begin(self) -> None:
        self.folder = Path(tempfile.mkdtemp())
        self.processes = [create_app(read_settings(self._environ())) for _ in range(2)]
        self.now = datetime.now(UTC).replace(microsecond=0)
        self.known: dict[str, Session] = {}
        self.tokens: list[Held] = []
        self.disabled: set[str] = set()
        with self.processes[0].app_context():
            migrate(current_runtime().engine)
            with write_transaction(current_db()):
                self.ids = {name: accounts.create(current_db(), name, "no password").id for name in PEOPLE}

    def teardown(self) -> None:
        for one in getattr(self, "processes", []):
            close_app(one)
        shutil.rmtree(getattr(self, "folder", ""), ignore_errors=True)

    @rule(target=held, person=st.sampled_from(PEOPLE), keep=st.booleans(), which=st.integers(0, 1))
    def sign_in(self, person: str, keep: bool, which: int) -> Held:
        with self.processes[which].app_context(), write_transaction(current_db()):
            account = current_db().get_one(Account, self.ids[person])
            if person in self.disabled:
                accounts.enable(current_db(), account)
                self.disabled.remove(person)
            session = lifecycle.start(
                current_db(), account, client=Client("", ""), now=self.now, lifetime=KEPT if keep else PLAIN
            )
            claims = issuing.session_claims(session, account, issuer=current_runtime().settings.base_url)
        self.known[claims.session_id] = Session(person)
        self._drop_the_oldest(person)
        return self._issue(claims)

    def _drop_the_oldest(self, person: str) -> None:
        with self.processes[0].app_context():
            shown = lifecycle.list_sessions(current_db(), self.ids[person], self.now, timedelta(0))
            live = {session.id for session in shown if session.ended_at is None}
        for session_id, session in self.known.items():
            if session.person == person and session_id not in live:
                session.ended = True

    def _issue(self, claims: Claims) -> Held:
        with self.processes[0].app_context():
            held = Held(codec.encode(claims, current_runtime().keys.current().signing), claims)
        self.tokens.append(held)
        return held

    @rule(target=held, old=held, which=st.integers(0, 1))
    def renew(self, old: Held, which: int) -> Held:
        """A token is renewed when it is shown and let in; else the attempt leaves everything as it is."""
        with self.processes[which].app_context(), write_transaction(current_db()):
            claims = lifecycle.renew(current_db(), old.claims, now=self.now, idle=7 * DAY)
        if claims is None:
            assert not self._is_live(old.claims.session_id) or self.now >= old.claims.until
            return old
        assert claims.session_id == old.claims.session_id
        assert claims.expires_at <= claims.until == old.claims.until
        return self._issue(claims)

    def _is_live(self, session_id: str) -> bool:
        return not self.known[session_id].ended

    @rule(token=held, which=st.integers(0, 1))
    def end(self, token: Held, which: int) -> None:
        with self.processes[which].app_context(), write_transaction(current_db()):
            lifecycle.end(current_db(), token.claims.session_id, "signed_out")
        self.known[token.claims.session_id].ended = True

    @rule(token=held, which=st.integers(0, 1))
    def end_others(self, token: Held, which: int) -> None:
        keep, person = token.claims.session_id, self.known[token.claims.session_id].person
        with self.processes[which].app_context(), write_transaction(current_db()):
            lifecycle.end_all(current_db(), self.ids[person], "ended_by_owner", keep=keep)
        self._end_in_the_model(person, keep)

    def _end_in_the_model(self, person: str, keep: str | None = None) -> None:
        for session_id, session in self.known.items():
            if session.person == person and session_id != keep:
                session.ended = True

    @rule(person=st.sampled_from(PEOPLE), which=st.integers(0, 1))
    def disable(self, person: str, which: int) -> None:
        with self.processes[which].app_context(), write_transaction(current_db()):
            accounts.disable(current_db(), current_db().get_one(Account, self.ids[person]))
        self.disabled.add(person)
        self._end_in_the_model(person)

    @rule(person=st.sampled_from(PEOPLE), which=st.integers(0, 1))
    def enable(self, person: str, which: int) -> None:
        with self.processes[which].app_context(), write_transaction(current_db()):
            accounts.enable(current_db(), current_db().get_one(Account, self.ids[person]))
        self.disabled.discard(person)

    @rule(which=st.integers(0, 1))
    def prune(self, which: int) -> None:
        with self.processes[which].app_context(), write_transaction(current_db()):
            lifecycle.prune(current_db(), self.now)

    @rule(which=st.integers(0, 1))
    def restart(self, which: int) -> None:
        """A process loses its memory."""
        close_app(self.processes[which])
        self.processes[which] = create_app(read_settings(self._environ()))

    def _environ(self) -> dict[str, str]:
        return {"DAYPASS_DATABASE_URL": f"sqlite:///{self.folder}/x.sqlite3", "DAYPASS_SECRET_KEY": SECRET_KEY}

    @rule(seconds=st.sampled_from([1, 3600, DAY - 3600, DAY, 6 * DAY, 8 * DAY, 31 * DAY]))
    def time_passes(self, seconds: int) -> None:
        self.now += timedelta(seconds=seconds)

    @invariant()
    def the_gate_agrees_with_the_model(self) -> None:
        for token in getattr(self, "tokens", []):
            expected = self._is_live(token.claims.session_id) and self.now < token.claims.expires_at
            answers = [self._is_let_in(one, token.text) for one in self.processes]
            assert answers == [expected, expected], token.claims

    def _is_let_in(self, one: Flask, text: str) -> bool:
        runtime: Runtime = one.extensions["daypass"]
        return isinstance(runtime.gate.verdict(Credentials(bearer=text), self.now), Pass)


TestWhoIsLetIn = WhoIsLetIn.TestCase
TestWhoIsLetIn.settings = settings(
    max_examples=rounds(full=60, quick=12),
    stateful_step_count=30,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
