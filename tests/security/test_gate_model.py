"""The gate agrees with a simple model after random events (hypothesis)."""

import shutil
import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from flask import Flask
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, rule

from daypass.accounts import accounts
from daypass.database.models import Account
from daypass.database.schema import migrate
from daypass.database.transactions import write_transaction
from daypass.gate import Credentials, Pass
from daypass.net.client import Client
from daypass.program.app import create_app
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
NAMES = ["alice", "bob"]


@dataclass
class Session:
    """A session in the model."""

    name: str
    ended: bool = False


@dataclass(frozen=True)
class IssuedToken:
    """A token that was issued, and its claims."""

    text: str
    claims: Claims


class GateModel(RuleBasedStateMachine):
    """Two processes on one database.

    The clock is the model's own and only moves forward.
    """

    tokens = Bundle("tokens")

    @initialize()
    def set_up(self) -> None:
        self.folder = Path(tempfile.mkdtemp())
        self.processes = [create_app(read_settings(self._environ())) for _ in range(2)]
        self.now = datetime.now(UTC).replace(microsecond=0)
        self.sessions: dict[str, Session] = {}
        self.issued: list[IssuedToken] = []
        self.disabled: set[str] = set()
        with self.processes[0].app_context():
            migrate(current_runtime().engine)
            with write_transaction(current_db()):
                self.account_ids = {name: accounts.create(current_db(), name, "no password").id for name in NAMES}

    def teardown(self) -> None:
        for app in getattr(self, "processes", []):
            close_app(app)
        shutil.rmtree(getattr(self, "folder", ""), ignore_errors=True)

    @rule(target=tokens, name=st.sampled_from(NAMES), keep=st.booleans(), process=st.integers(0, 1))
    def sign_in(self, name: str, keep: bool, process: int) -> IssuedToken:
        with self.processes[process].app_context(), write_transaction(current_db()):
            account = current_db().get_one(Account, self.account_ids[name])
            if name in self.disabled:
                accounts.enable(current_db(), account)
                self.disabled.remove(name)
            session = lifecycle.start(
                current_db(), account, client=Client("", ""), now=self.now, lifetime=KEPT if keep else PLAIN
            )
            claims = issuing.session_claims(session, account, issuer=current_runtime().settings.base_url)
        self.sessions[claims.session_id] = Session(name)
        self._end_replaced_sessions(name)
        return self._issue(claims)

    def _end_replaced_sessions(self, name: str) -> None:
        """End in the model what the app ended to stay within the limit of sessions."""
        with self.processes[0].app_context():
            listed = lifecycle.list_sessions(current_db(), self.account_ids[name], self.now, timedelta(0))
            live = {session.id for session in listed if session.ended_at is None}
        for session_id, session in self.sessions.items():
            if session.name == name and session_id not in live:
                session.ended = True

    def _issue(self, claims: Claims) -> IssuedToken:
        with self.processes[0].app_context():
            issued = IssuedToken(codec.encode(claims, current_runtime().keys.current().signing), claims)
        self.issued.append(issued)
        return issued

    @rule(target=tokens, old=tokens, process=st.integers(0, 1))
    def renew(self, old: IssuedToken, process: int) -> IssuedToken:
        """Renew the token if its session is live; otherwise nothing may change."""
        with self.processes[process].app_context(), write_transaction(current_db()):
            claims = lifecycle.renew(current_db(), old.claims, now=self.now, idle=7 * DAY)
        if claims is None:
            assert not self._is_live(old.claims.session_id) or self.now >= old.claims.until
            return old
        assert claims.session_id == old.claims.session_id
        assert claims.expires_at <= claims.until == old.claims.until
        return self._issue(claims)

    def _is_live(self, session_id: str) -> bool:
        return not self.sessions[session_id].ended

    @rule(token=tokens, process=st.integers(0, 1))
    def end(self, token: IssuedToken, process: int) -> None:
        with self.processes[process].app_context(), write_transaction(current_db()):
            lifecycle.end(current_db(), token.claims.session_id, "signed_out")
        self.sessions[token.claims.session_id].ended = True

    @rule(token=tokens, process=st.integers(0, 1))
    def end_others(self, token: IssuedToken, process: int) -> None:
        keep, name = token.claims.session_id, self.sessions[token.claims.session_id].name
        with self.processes[process].app_context(), write_transaction(current_db()):
            lifecycle.end_all(current_db(), self.account_ids[name], "ended_by_owner", keep=keep)
        self._end_in_the_model(name, keep)

    def _end_in_the_model(self, name: str, keep: str | None = None) -> None:
        for session_id, session in self.sessions.items():
            if session.name == name and session_id != keep:
                session.ended = True

    @rule(name=st.sampled_from(NAMES), process=st.integers(0, 1))
    def disable(self, name: str, process: int) -> None:
        with self.processes[process].app_context(), write_transaction(current_db()):
            accounts.disable(current_db(), current_db().get_one(Account, self.account_ids[name]))
        self.disabled.add(name)
        self._end_in_the_model(name)

    @rule(name=st.sampled_from(NAMES), process=st.integers(0, 1))
    def enable(self, name: str, process: int) -> None:
        with self.processes[process].app_context(), write_transaction(current_db()):
            accounts.enable(current_db(), current_db().get_one(Account, self.account_ids[name]))
        self.disabled.discard(name)

    @rule(process=st.integers(0, 1))
    def prune(self, process: int) -> None:
        with self.processes[process].app_context(), write_transaction(current_db()):
            lifecycle.prune(current_db(), self.now)

    @rule(process=st.integers(0, 1))
    def restart(self, process: int) -> None:
        """Restart a process, which loses its memory."""
        close_app(self.processes[process])
        self.processes[process] = create_app(read_settings(self._environ()))

    def _environ(self) -> dict[str, str]:
        return {"DAYPASS_DATABASE_URL": f"sqlite:///{self.folder}/x.sqlite3", "DAYPASS_SECRET_KEY": SECRET_KEY}

    @rule(seconds=st.sampled_from([1, 3600, DAY - 3600, DAY, 6 * DAY, 8 * DAY, 31 * DAY]))
    def time_passes(self, seconds: int) -> None:
        self.now += timedelta(seconds=seconds)

    @invariant()
    def gate_agrees_with_the_model(self) -> None:
        for token in getattr(self, "issued", []):
            expected = self._is_live(token.claims.session_id) and self.now < token.claims.expires_at
            verdicts = [self._is_accepted(app, token.text) for app in self.processes]
            assert verdicts == [expected, expected], token.claims

    def _is_accepted(self, app: Flask, text: str) -> bool:
        runtime: Runtime = app.extensions["daypass"]
        return isinstance(runtime.gate.verdict(Credentials(bearer=text), self.now), Pass)


TestGateAgainstModel = GateModel.TestCase
TestGateAgainstModel.settings = settings(
    max_examples=rounds(full=40, quick=12),
    stateful_step_count=30,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
