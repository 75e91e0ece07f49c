"""The runtime of one app, built once from its settings and passed on explicitly."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from sqlalchemy import Engine, create_engine
from sqlalchemy.orm import Session, sessionmaker

from daypass.accounts.breached_passwords import breach_check
from daypass.accounts.password_hasher import PasswordHasher
from daypass.accounts.setup_state import SetupState
from daypass.audit.entry import Outcome
from daypass.audit.events import Event
from daypass.audit.log import LogRecorder
from daypass.audit.trail import AuditTrail
from daypass.database.change_detector import change_detector
from daypass.database.engine import engine_options, prepare
from daypass.database.replica import Replica
from daypass.gate import Gate
from daypass.keys.remote_keys import RemoteKeys, keys_of
from daypass.keys.store import KeyStore
from daypass.rules.loader import RulesLoader
from daypass.rules.parser import read_rules
from daypass.sessions.activity import Activity
from daypass.sessions.confirmation import Confirmation
from daypass.sessions.intervals import RENEWAL_INTERVAL, SessionInterval
from daypass.sessions.revocation import Revocations
from daypass.sessions.watch import SessionWatch
from daypass.settings.definitions import CPU_COUNT, YEAR, Settings
from daypass.settings.memory import memory_bytes
from daypass.throttling.body_reader import BodyReader
from daypass.tokens import purposes
from daypass.tokens.cache import VerifiedTokenCache, cache_size


class EventRecorder(Protocol):
    """Where audit events go."""

    def record(self, event: Event, outcome: Outcome, **facts: str | None) -> None:
        """Record an event. Never pass a password or a token."""


def _start_nothing() -> None:
    """Prepare nothing."""


@dataclass(frozen=True, kw_only=True)
class GateRuntime:
    """What gives verdicts on requests. An app whose passes are issued elsewhere has no more than this.

    start: called before each use by a request; it may prepare the process.
    """

    settings: Settings
    gate: Gate
    audit: EventRecorder
    start: Callable[[], None] = _start_nothing


@dataclass(frozen=True, kw_only=True)
class Verifier(GateRuntime):
    """The services of an app whose passes are issued elsewhere, in one process."""

    keys: RemoteKeys


@dataclass(frozen=True, kw_only=True)
class Runtime(GateRuntime):
    """The services of one app in one process.

    All state in memory can be rebuilt from database and rules file.
    """

    engine: Engine
    session_factory: sessionmaker[Session]
    replica: Replica
    keys: KeyStore
    revocations: Revocations
    hasher: PasswordHasher
    body_reader: BodyReader
    rules: RulesLoader
    audit: AuditTrail
    setup: SetupState
    activity: Activity
    session_watch: SessionWatch
    renewals: SessionInterval = field(default_factory=lambda: SessionInterval(RENEWAL_INTERVAL))

    def close(self) -> None:
        """Store what waits to be stored, and close all database connections. The next use opens new ones."""
        self.activity.close()
        self.audit.close()
        self.replica.close()  # before the engine, which its thread uses
        self.engine.dispose()


def build_runtime(settings: Settings) -> Runtime:
    """Build the runtime from these settings. Opens no connection and reads no file."""
    connections = settings.database_connections // settings.workers
    engine = create_engine(**engine_options(settings.database_url, settings.threads, connections))
    prepare(engine)
    session_factory = sessionmaker(engine)
    detector = change_detector(engine, session_factory)
    replica = Replica(session_factory, detector, settings.revocation_grace)
    cache = VerifiedTokenCache(cache_size(memory_bytes(), settings.workers))
    keys = KeyStore(replica, session_factory, settings.secret_keys, settings.algorithm)
    revocations = Revocations(replica, cache, session_factory)
    return Runtime(
        settings=settings,
        engine=engine,
        session_factory=session_factory,
        replica=replica,
        keys=keys,
        revocations=revocations,
        gate=Gate(
            replica=replica,
            keys=keys,
            cache=cache,
            check_session=revocations.check,
            confirm=Confirmation(engine),
            issuer=settings.issuer,
            max_lifetimes=_max_lifetimes(settings),
        ),
        hasher=PasswordHasher(
            slots=max(1, CPU_COUNT // settings.workers),
            queue=settings.threads // 2,
            reserved=settings.threads // 4,
            is_breached=breach_check(settings.breached_passwords),
            elsewhere=max(1, settings.threads // 4),
        ),
        body_reader=BodyReader(places=settings.threads),
        rules=RulesLoader(settings.rules, read_rules),
        audit=AuditTrail(session_factory, settings.secret_keys),
        setup=SetupState(session_factory),
        activity=Activity(session_factory),
        session_watch=SessionWatch(replica.refresh, revocations.check),
    )


def build_verifier(settings: Settings) -> Verifier:
    """Build the services of an app whose passes the issuer in the settings issues. Opens no connection.

    A session that was ended is not known, so its pass is accepted until it expires, and an API token for up to a year.
    """
    keys = keys_of(settings.issuer)
    gate = Gate(
        replica=keys,
        keys=keys,
        cache=VerifiedTokenCache(cache_size(memory_bytes(), settings.workers)),
        check_session=lambda session_id: None,
        confirm=lambda claims: None,
        issuer=settings.issuer,
        max_lifetimes={purposes.SESSION: YEAR, purposes.API: YEAR},
        learn_keys=keys.learn,
    )
    return Verifier(settings=settings, gate=gate, audit=LogRecorder(), keys=keys)


def _max_lifetimes(settings: Settings) -> dict[str, int]:
    """The accepted purposes of tokens, each with its longest lifetime in seconds."""
    return {purposes.SESSION: max(settings.token_lifetime, settings.idle_lifetime), purposes.API: YEAR}
