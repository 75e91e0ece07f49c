"""Counters and gauges for Prometheus, over all worker processes.

Each process writes its values to files of its own in PROMETHEUS_MULTIPROC_DIR, and any of them can add them up. Counts
of a process that ended stay; its gauges are dropped. Without that folder, the values are those of one process.

No label value comes from a request: there are no paths, hosts, names or tokens.
"""

import logging
import os
import platform
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from daypass.accounts.credentials import ACCOUNT_LIMIT
from daypass.audit.entry import Entry
from daypass.audit.events import Event
from daypass.audit.trail import AuditTrail
from daypass.errors import ServiceUnavailable
from daypass.metrics.stored import StoredMetrics
from daypass.runtime import Runtime
from daypass.settings.version import VERSION
from daypass.throttling.attempts import KINDS
from daypass.throttling.fair_queue import QueueState

if TYPE_CHECKING:
    from prometheus_client import Counter, Histogram

FOLDER = "PROMETHEUS_MULTIPROC_DIR"  # read by prometheus_client when it is imported, so only functions import it here
SAMPLE_SECONDS = 1.0
logger = logging.getLogger("daypass")

BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)  # seconds
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


@contextmanager
def shared_folder() -> Iterator[None]:
    """Let the workers that start inside of the block share a temporary folder, which is removed afterwards."""
    with tempfile.TemporaryDirectory(prefix="daypass-metrics-", ignore_cleanup_errors=True) as folder:
        os.environ[FOLDER] = folder
        yield


class Metrics:
    """The metrics of one app.

    stored: those that are read from the database.
    """

    def __init__(self, audit: AuditTrail, stored: StoredMetrics) -> None:
        from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

        self.registry = CollectorRegistry()
        self._stored = stored
        self._hashing = QueueState(0, 0, 0, 0, 0.0)
        self._lock = threading.Lock()
        self._series: dict[tuple[str, int, str], tuple[Counter, Histogram]] = {}  # `labels` takes longer than counting

        def counter(name: str, about: str, *labels: str) -> Counter:
            return Counter(f"daypass_{name}", about, labels, registry=self.registry)

        def gauge(name: str, about: str, mode: str, *labels: str) -> Gauge:
            return Gauge(f"daypass_{name}", about, labels, registry=self.registry, multiprocess_mode=mode)  # type: ignore[arg-type]

        self.requests = counter("requests", "Requests.", "method", "status", "endpoint")
        self.request_seconds = Histogram(
            "daypass_request_seconds", "Time of a request.", ["endpoint"], registry=self.registry, buckets=BUCKETS
        )
        self.sign_ins = counter("sign_ins", "Attempts to sign in.", "outcome")
        self.throttled = counter("throttled", "Attempts refused by a limit.", "limit")
        self.refusals = counter("refusals", "Requests whose token was missing or refused.", "fault")
        self.events = counter("audit_events", "Audit events.", "event", "outcome")
        self.hashes = counter("hashes", "Password hashes computed.")
        self.hash_seconds = counter("hash_seconds", "Seconds spent on password hashes.")
        self.hashes_rejected = counter(
            "hashes_rejected", "Password hashes rejected because the queue was full or slow."
        )
        self.hashes_running = gauge("hashes_running", "Password hashes computed now.", "livesum")
        self.hashes_waiting = gauge("hashes_waiting", "Password hashes that wait now.", "livesum")
        self.ended_sessions = gauge("replica_ended_sessions", "Ended sessions held in memory.", "livemax")
        self.replica_age = gauge("replica_age_seconds", "Seconds since the replica was confirmed.", "livemax")
        self.database_up = gauge("database_up", "Whether every worker can read the database.", "livemin")
        self.keys = gauge("keys", "Keys in the key ring.", "livemax")
        self.key_age = gauge("signing_key_age_seconds", "Seconds since the signing key was created.", "livemax")
        self.key_rotation = gauge("key_rotation_seconds", "Age at which keys rotate; 0 for never.", "livemax")
        self.build = gauge("build_info", "Version of Daypass and Python.", "livemax", "version", "python")
        self.build.labels(VERSION, platform.python_version()).set(1)
        audit.observe(self.count_event)

    def count_event(self, entry: Entry) -> None:
        """Count an audit event."""
        self.events.labels(entry.event.value, entry.outcome).inc()
        if entry.event is Event.SIGN_IN:
            self.sign_ins.labels(entry.outcome).inc()
        if limit := _used_up(entry):
            self.throttled.labels(limit.replace("-", "_")).inc()

    def count_request(self, method: str, status: int, endpoint: str, seconds: float) -> None:
        """Count a request. `endpoint` is one of a fixed set of names."""
        known = method if method in METHODS else "other"
        key = known, status // 100, endpoint
        series = self._series.get(key) or self._series.setdefault(key, self._new_series(*key))
        series[0].inc()
        series[1].observe(seconds)

    def _new_series(self, method: str, status: int, endpoint: str) -> "tuple[Counter, Histogram]":
        return self.requests.labels(method, f"{status}xx", endpoint), self.request_seconds.labels(endpoint)

    def count_refusal(self, fault: str) -> None:
        """Count a refused token, by the name of its fault."""
        self.refusals.labels(fault.lower()).inc()

    def sample(self, runtime: Runtime) -> None:
        """Read the gauges of this process. Asks the database whether it has changed."""
        with suppress(ServiceUnavailable):
            runtime.replica.refresh()
        age = runtime.replica.seconds_since_confirmed()
        self.replica_age.set(age)
        self.database_up.set(age < 2 * SAMPLE_SECONDS)
        self.ended_sessions.set(len(runtime.revocations))
        ages = runtime.keys.ages(datetime.now(UTC))
        self.keys.set(len(ages))
        self.key_age.set(ages[0] if ages else 0)
        self.key_rotation.set(runtime.settings.key_rotation_days * 86_400)
        self._sample_hashing(runtime.hasher.queue_state())

    def _sample_hashing(self, now: QueueState) -> None:
        self.hashes_running.set(now.running)
        self.hashes_waiting.set(now.waiting)
        with self._lock:
            before, self._hashing = self._hashing, now
            self.hashes.inc(max(0, now.done - before.done))
            self.hash_seconds.inc(max(0.0, now.seconds - before.seconds))
            self.hashes_rejected.inc(max(0, now.rejected - before.rejected))

    def text(self) -> bytes:
        """All metrics, of all processes, in the text format of Prometheus."""
        from prometheus_client import CollectorRegistry, generate_latest
        from prometheus_client.multiprocess import MultiProcessCollector

        stored = CollectorRegistry()
        stored.register(self._stored)
        folder = os.environ.get(FOLDER)
        if folder is None:
            return generate_latest(self.registry) + generate_latest(stored)
        _drop_gauges_of_dead_processes(Path(folder))
        shared = CollectorRegistry()
        MultiProcessCollector(shared, folder)  # type: ignore[no-untyped-call]
        return generate_latest(shared) + generate_latest(stored)


def start_sampling(metrics: Metrics, runtime: Runtime) -> None:
    """Read the gauges of this process every second, in a thread of its own."""

    def run() -> None:
        while True:
            try:
                metrics.sample(runtime)
            except Exception:
                logger.exception("could not read the metrics")
            time.sleep(SAMPLE_SECONDS)

    threading.Thread(target=run, name="metrics", daemon=True).start()


def _used_up(entry: Entry) -> str | None:
    """The kind of the limit that refused an attempt, or None. An account's limit looks like a wrong password."""
    reason = entry.facts.get("reason")
    if entry.event is Event.THROTTLED:
        return reason if reason in KINDS else "other"
    return "account" if reason == ACCOUNT_LIMIT else None


def _drop_gauges_of_dead_processes(folder: Path) -> None:
    for file in folder.glob("gauge_live*_*.db"):
        process_id = file.stem.rpartition("_")[2]
        if process_id.isdecimal() and not _is_alive(int(process_id)):
            file.unlink(missing_ok=True)


def _is_alive(process_id: int) -> bool:
    try:
        os.kill(process_id, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
