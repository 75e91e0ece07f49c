"""`/metrics` counts over all worker processes, for those who know its token, and has no secret."""

import base64
import os
import re
import signal
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import select
from sqlalchemy.orm import Session

from daypass.database.models import Mail, database_now
from daypass.database.transactions import write_transaction
from daypass.metrics.counters import SAMPLE_SECONDS
from daypass.runtime import Runtime
from daypass.settings.version import VERSION
from daypass.throttling import attempts
from daypass.throttling.attempts import Limit
from daypass.throttling.rate import parse_rate
from daypass.web.context import current_db
from tests.conftest import PAGE, PASSWORD, SECRET_KEY, Person
from tests.helpers.project import ROOT
from tests.helpers.server import Server, running
from tests.helpers.workers import connections_to_both_workers, status_of, worker_of
from tests.metrics.conftest import TOKEN

THROTTLED = ("account", "address", "sign_up", "lab")
BEARER = {"Authorization": f"Bearer {TOKEN}"}


def value(text: str, name: str, **labels: str) -> float:
    """The sum of the samples with this name and these labels."""
    samples = [sample for family in text_string_to_metric_families(text) for sample in family.samples]
    return sum(s.value for s in samples if s.name == name and labels.items() <= s.labels.items())


def metrics_of(client: FlaskClient) -> str:
    response = client.get("/metrics", headers=BEARER)
    assert response.status_code == 200
    return response.text


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Authorization": f"Bearer {TOKEN[:-1]}"},
        {"Authorization": f"Bearer {TOKEN}0"},
        {"Authorization": "Bearer "},
        {"Authorization": f"Basic {base64.b64encode(TOKEN.encode()).decode()}"},
        {"Authorization": "Bearer \u00e9"},
        {"Cookie": f"daypass={TOKEN}"},
    ],
)
def test_without_the_right_token_there_is_no_such_page(client: FlaskClient, headers: dict[str, str]) -> None:
    response, missing = client.get("/metrics", headers=headers), client.get("/nothing", headers=headers)
    assert (response.status_code, response.data) == (404, missing.data)
    assert set(response.headers.keys()) == set(missing.headers.keys())


class TestWithoutTheSetting:
    @pytest.fixture
    def environ(self, environ: dict[str, str]) -> dict[str, str]:
        return {name: text for name, text in environ.items() if name != "DAYPASS_METRICS_TOKEN"}

    def test_there_is_no_such_page(self, client: FlaskClient) -> None:
        assert client.get("/metrics", headers={"Authorization": "Bearer "}).status_code == 404
        assert client.get("/metrics", headers=BEARER).status_code == 404


def test_requests_are_counted_by_method_status_and_kind(client: FlaskClient) -> None:
    client.get("/login")
    client.get("/nothing/secret-path")
    client.open("/login", method="BREW")
    text = metrics_of(client)
    assert value(text, "daypass_requests_total", method="GET", status="2xx", endpoint="signin") == 1
    assert value(text, "daypass_requests_total", method="GET", status="4xx", endpoint="none") == 1
    assert value(text, "daypass_requests_total", method="other") == 1
    assert value(text, "daypass_request_seconds_count") == 3


def test_sign_ins_events_and_refusals_are_counted(client: FlaskClient, add_account: Callable[..., str]) -> None:
    add_account("alice")
    client.post("/login", json={"username": "alice", "password": "wrong"})
    client.post("/login", json={"username": "alice", "password": PASSWORD})
    client.get("/members")
    client.get("/members", headers={"Authorization": "Bearer a.b.c"})
    text = metrics_of(client)
    assert value(text, "daypass_sign_ins_total", outcome="success") == 1
    assert value(text, "daypass_sign_ins_total", outcome="failure") == 1
    assert value(text, "daypass_audit_events_total", event="token_refused", outcome="failure") == 2
    assert value(text, "daypass_refusals_total", fault="missing") >= 1
    assert value(text, "daypass_refusals_total", fault="forged") == 1
    assert value(text, "daypass_hashes_total") == 2
    assert value(text, "daypass_hash_seconds_total") > 0


@pytest.mark.each_database
def test_the_state_of_the_process_is_shown(app: Flask, sign_in: Callable[..., Person]) -> None:
    alice = sign_in("alice", ["admin"])
    alice.client.post("/logout", headers=PAGE)
    text = metrics_of(app.test_client())
    assert value(text, "daypass_database_up") == 1
    assert value(text, "daypass_replica_ended_sessions") == 1
    assert value(text, "daypass_keys") == 1
    assert 0 <= value(text, "daypass_signing_key_age_seconds") < 3600
    assert value(text, "daypass_build_info", version=VERSION) == 1
    assert f'version = "{VERSION}"' in (ROOT / "pyproject.toml").read_text()


def test_a_lost_database_and_a_stale_replica_are_shown(
    app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    runtime: Runtime = app.extensions["daypass"]
    assert value(metrics_of(client), "daypass_replica_age_seconds") < SAMPLE_SECONDS
    monkeypatch.setattr(runtime.replica, "_confirmed_at", time.monotonic() - 20)
    monkeypatch.setattr(runtime.replica, "_failed_at", time.monotonic() + 20)  # as after a failed attempt
    text = metrics_of(client)
    assert value(text, "daypass_database_up") == 0
    assert value(text, "daypass_replica_age_seconds") >= 20


def test_no_metric_has_a_secret_a_name_or_a_path(client: FlaskClient, sign_in: Callable[..., Person]) -> None:
    alice = sign_in("alice", ["editor"])
    alice.client.get("/members?secret-query")
    alice.client.get("/secret-path", headers={"Host": "secret-host.example"})
    client.post("/login", json={"username": "secret-name", "password": "secret-password"})
    text = metrics_of(client)
    claims = alice.claims
    for secret in (TOKEN, SECRET_KEY, alice.token, claims.subject, claims.session_id, "alice", "editor", "secret-"):
        assert secret not in text
    assert all(re.fullmatch(r"[\w.+]+", label) for label in re.findall(r'="([^"]*)"', text))
    labels = set(re.findall(r'(\w+)="', text))
    assert labels == {"method", "status", "endpoint", "outcome", "event", "version", "python", "le", "channel", "state"}


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    """A server with two workers; its temporary files are in a folder of their own."""
    (tmp_path / "tmp").mkdir()
    with running(tmp_path, DAYPASS_WORKERS="2", DAYPASS_METRICS_TOKEN=TOKEN, TMPDIR=str(tmp_path / "tmp")) as server:
        yield server


def add_messages(db: Session) -> None:
    """Two new mails that wait, old ones that were sent and have failed, and two that wait for the webhook."""
    now = db.scalars(select(database_now())).one()
    for channel, state, minutes in (
        ("mail", "waiting", 0),
        ("mail", "waiting", 0),
        ("mail", "sent", 60),
        ("mail", "failed", 60),
        ("webhook", "waiting", 10),
        ("webhook", "waiting", 0),
    ):
        created = now - timedelta(minutes=minutes)
        db.add(Mail(channel=channel, kind="new_sign_in", recipient="a", facts={}, state=state, created_at=created))


@pytest.mark.each_database
def test_rows_of_limits_and_messages_are_read_when_prometheus_asks(app: Flask, client: FlaskClient) -> None:
    with app.app_context(), write_transaction(current_db()):
        attempts.take(current_db(), Limit("address", "192.0.2.1", parse_rate("10/1h")))
        add_messages(current_db())
    text = metrics_of(client)
    assert value(text, "daypass_limit_rows") == 1
    assert value(text, "daypass_limit_rows_max") == attempts.MAX_ROWS
    counts = [value(text, "daypass_mails", channel="mail", state=s) for s in ("waiting", "sent", "failed")]
    assert counts == [2, 1, 1]
    assert 0 <= value(text, "daypass_mail_oldest_waiting_seconds", channel="mail") < 300
    assert 600 <= value(text, "daypass_mail_oldest_waiting_seconds", channel="webhook") < 900


def test_without_the_database_the_other_metrics_are_still_shown(
    client: FlaskClient, database_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    metrics_of(client)
    with sqlite3.connect(database_url.removeprefix("sqlite:///")) as db:
        db.execute("DROP TABLE mails")
    text = metrics_of(client)
    assert "daypass_keys" in text
    assert "daypass_limit_rows" not in text
    assert "could not be read: OperationalError" in caplog.text


class TestLimits:
    @pytest.fixture
    def environ(self, environ: dict[str, str]) -> dict[str, str]:
        limits = {"DAYPASS_LIMIT_ADDRESS": "3/1h", "DAYPASS_LIMIT_ACCOUNT": "1/1h", "DAYPASS_LIMIT_SIGNUP": "1/1h"}
        return environ | limits | {"DAYPASS_SIGNUP": "open"}

    def test_attempts_that_a_limit_refuses_are_counted_by_its_kind(
        self, client: FlaskClient, add_account: Callable[..., str]
    ) -> None:
        add_account("alice")
        for _ in range(5):
            client.post("/login", json={"username": "alice", "password": "wrong lantern 7 quiet river"})
        for _ in range(2):
            client.post("/signup", json={"username": "bob", "password": "short"}, headers=PAGE)
        text = metrics_of(client)
        refused = {limit: value(text, "daypass_throttled_total", limit=limit) for limit in THROTTLED}
        assert refused == {"account": 2, "address": 2, "sign_up": 1, "lab": 0}


def members(server: Server) -> float:
    response = server.request("GET", "/metrics", BEARER)
    assert response.status == 200
    return value(response.body, "daypass_requests_total", endpoint="members")


def test_counts_add_up_over_both_workers_and_survive_one_that_dies(server: Server) -> None:
    assert server.request("GET", "/metrics").status == 404
    with connections_to_both_workers(server) as connections:
        for connection in connections:
            for _ in range(5):
                assert status_of(connection, "GET", "/members", "") == 401
        worker = worker_of(connections[0], server)
        assert members(server) == 10
        os.kill(worker, signal.SIGKILL)
    (folder,) = (server.folder / "tmp").glob("daypass-metrics-*")
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        with suppress(ConnectionError):  # the dead worker had accepted it
            assert members(server) == 10
        if not list(folder.glob(f"gauge_live*_{worker}.db")):
            break
        time.sleep(0.1)
    else:
        raise AssertionError("the gauges of the dead worker are still there")
    assert members(server) == 10
    limits = server.request("GET", "/metrics", BEARER).body
    assert value(limits, "daypass_limit_rows_max") == attempts.MAX_ROWS  # not added up over both workers
    server.stop()
    assert not folder.exists()


def test_the_folder_of_the_metrics_is_not_made_without_the_setting(tmp_path: Path) -> None:
    (tmp_path / "tmp").mkdir()
    with running(tmp_path, DAYPASS_WORKERS="1", TMPDIR=str(tmp_path / "tmp")):
        assert not list((tmp_path / "tmp").glob("daypass-metrics-*"))
