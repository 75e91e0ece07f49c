"""An app that accepts the passes of another Daypass: `Daypass(issuer=...)`."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from daypass import Daypass, current_pass, token_required
from daypass.lab.attacks.forging import read_part
from daypass.runtime import Verifier
from daypass.sessions import scopes
from daypass.settings.errors import SettingsError
from daypass.testing import signed_in
from daypass.tokens.claims import Claims
from daypass.tokens.purposes import API
from tests.conftest import PAGE, PASSWORD
from tests.extension.conftest import add_pages_that_refuse
from tests.helpers.server import Server, free_port

BASE_URL = "https://reports.example.org"


@pytest.fixture(scope="module")
def issuer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The real server, whose keys others can verify, with the account alice, who has the role staff."""
    server = Server(tmp_path_factory.mktemp("issuer"), {"DAYPASS_ALGORITHM": "ES256", "DAYPASS_WORKERS": "1"})
    server.start()
    server.command("user", "add", "alice", "--admin", "--password-stdin", stdin=PASSWORD)
    server.command("user", "roles", "alice", "admin", "staff")
    yield server
    server.stop()


def new_service(issuer: str, **config: object) -> Flask:
    app = Flask("reports")
    app.config.update({"DAYPASS_BASE_URL": BASE_URL} | config)
    daypass = Daypass(app, issuer=issuer)

    @daypass.profile_loader
    def reader(account_id: str) -> str:
        return f"reader {account_id}"

    @app.route("/reports", methods=["GET", "POST"])
    @token_required
    def reports() -> dict[str, object]:
        return {"name": current_pass.name, "profile": reader(), "id": current_pass.account_id}

    @app.get("/staff")
    @token_required(role="staff", api_tokens=True)
    def staff() -> str:
        return "For the staff"

    @app.get("/nobody")
    @token_required(role="nobody")
    def nobody() -> str:
        return "For nobody"

    add_pages_that_refuse(app)

    return app


@pytest.fixture
def service(issuer: Server) -> Flask:
    return new_service(issuer.url)


def token_of(issuer: Server) -> str:
    """Sign alice in at the issuer."""
    body = json.dumps({"username": "alice", "password": PASSWORD}).encode()
    token: str = issuer.request("POST", "/login", {"Content-Type": "application/json"}, body).json()["token"]
    return token


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def client_of(service: Flask) -> FlaskClient:
    return service.test_client()


def test_a_pass_of_the_issuer_is_accepted_as_a_token_and_as_a_cookie(service: Flask, issuer: Server) -> None:
    client, token = client_of(service), token_of(issuer)
    document = client.get("/reports", headers=bearer(token), base_url=BASE_URL).get_json()
    assert document["name"] == "alice"
    assert document["profile"] == f"reader {document['id']}"
    assert client.get("/staff", headers=bearer(token), base_url=BASE_URL).text == "For the staff"
    client.set_cookie("__Host-daypass", token, domain="reports.example.org")
    assert client.get("/reports", base_url=BASE_URL).status_code == 200


def test_the_app_hears_of_a_rotation(service: Flask, issuer: Server) -> None:
    client, before = client_of(service), token_of(issuer)
    assert client.get("/reports", headers=bearer(before)).status_code == 200
    issuer.command("keys", "rotate")
    after = token_of(issuer)
    assert read_kid(after) != read_kid(before)
    assert client.get("/reports", headers=bearer(after)).status_code == 200
    assert client.get("/reports", headers=bearer(before)).status_code == 200


def read_kid(token: str) -> str:
    return str(read_part(token.partition(".")[0])["kid"])


def test_programs_are_refused_with_the_reason(service: Flask, issuer: Server) -> None:
    client, token = client_of(service), token_of(issuer)
    missing = client.get("/reports", base_url=BASE_URL)
    assert (missing.status_code, missing.content_type) == (401, "application/problem+json")
    assert missing.headers["WWW-Authenticate"] == 'Bearer realm="Daypass"'
    forged = client.get("/reports", headers=bearer(f"{token[:-4]}AAAA"), base_url=BASE_URL)
    assert forged.status_code == 401
    assert 'error="invalid_token"' in forged.headers["WWW-Authenticate"]
    denied = client.get("/nobody", headers=bearer(token), base_url=BASE_URL)
    assert denied.status_code == 403
    assert 'error="insufficient_scope"' in denied.headers["WWW-Authenticate"]
    stale = client.get("/fresh", headers=bearer(token), base_url=BASE_URL)
    assert stale.status_code == 401
    assert 'error="insufficient_user_authentication"' in stale.headers["WWW-Authenticate"]


def test_a_browser_is_sent_to_the_issuer_and_gets_the_pages_of_the_app(service: Flask, issuer: Server) -> None:
    client = client_of(service)
    sent = client.get("/reports?month=11&q=%C3%A4", headers=PAGE, base_url=BASE_URL)
    assert sent.status_code == 303
    expected = "https%3A%2F%2Freports.example.org%2Freports%3Fmonth%3D11%26q%3D%25C3%25A4"
    assert sent.location == f"{issuer.url}/login?next={expected}"
    assert sent.headers["Cache-Control"] == "no-store"
    client.set_cookie("__Host-daypass", token_of(issuer), domain="reports.example.org")
    denied = client.get("/nobody", headers=PAGE, base_url=BASE_URL)
    assert (denied.status_code, denied.text) == (403, "Our own page: You need the role “nobody” to see this page.")


def test_behind_a_path_prefix_a_browser_comes_back_to_the_same_page() -> None:
    service = new_service("https://login.example.org", DAYPASS_BASE_URL=f"{BASE_URL}/monthly")
    sent = client_of(service).get("/reports", headers=PAGE, base_url=f"{BASE_URL}/monthly")
    assert sent.location.endswith("/login?next=https%3A%2F%2Freports.example.org%2Fmonthly%2Freports")


def test_an_old_api_token_without_hosts_is_only_for_the_host_of_its_issuer(service: Flask) -> None:
    verifier: Verifier = service.extensions["daypass"]
    moment = datetime(2026, 11, 29, tzinfo=UTC)
    old = Claims(verifier.settings.issuer, API, "a" * 32, "b" * 32, "alice", (), moment, moment, moment, moment)
    assert not scopes.covers(old, scopes.own_host(verifier.settings), verifier.settings)
    assert scopes.covers(old, "127.0.0.1", verifier.settings)


def test_a_browser_whose_pass_is_refused_has_to_sign_in_again(service: Flask, issuer: Server) -> None:
    """Otherwise an issuer that accepts the pass would send it back for ever."""
    client = client_of(service)
    client.set_cookie("__Host-daypass", f"{token_of(issuer)[:-4]}AAAA", domain="reports.example.org")
    for path in ("/reports", "/fresh"):
        sent = client.get(path, headers=PAGE, base_url=BASE_URL)
        assert sent.status_code == 303
        assert sent.location.endswith(f"{path.replace('/', '%2F')}&switch=1")
    shown = issuer.request("GET", sent.location.removeprefix(issuer.url), {"Cookie": f"daypass={token_of(issuer)}"})
    assert 'name="password"' in shown.body


def test_a_cookie_under_another_name_is_reported_and_not_sent_round_in_circles(
    issuer: Server, caplog: pytest.LogCaptureFixture
) -> None:
    service = new_service(issuer.url, DAYPASS_COOKIE_DOMAIN="example.org")
    client = client_of(service)
    client.set_cookie("__Host-daypass", token_of(issuer), domain="reports.example.org")
    for _ in range(2):
        sent = client.get("/reports", headers=PAGE, base_url=BASE_URL)
        assert sent.location.endswith("&switch=1")
    assert caplog.text.count("DAYPASS_COOKIE_DOMAIN is not the same as at") == 1


def test_a_form_from_another_site_is_refused(service: Flask, issuer: Server) -> None:
    client = client_of(service)
    client.set_cookie("__Host-daypass", token_of(issuer), domain="reports.example.org")
    assert client.post("/reports", headers={"Origin": BASE_URL}, base_url=BASE_URL).status_code == 200
    refused = client.post("/reports", headers={"Origin": "https://evil.example"}, base_url=BASE_URL)
    assert refused.status_code == 403


def test_a_pass_of_another_issuer_is_refused(issuer: Server) -> None:
    service = new_service(issuer.url.replace("127.0.0.1", "localhost"))
    assert client_of(service).get("/reports", headers=bearer(token_of(issuer))).status_code == 401


def test_without_the_keys_of_the_issuer_nothing_is_accepted(issuer: Server) -> None:
    service = new_service(f"http://127.0.0.1:{free_port()}")
    answer = client_of(service).get("/reports", headers=bearer(token_of(issuer)))
    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "10"


def test_the_app_has_no_database_no_pages_and_no_commands(
    service: Flask, issuer: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    client_of(service).get("/reports", headers=bearer(token_of(issuer)))
    assert list(tmp_path.iterdir()) == []
    assert "daypass" not in service.blueprints
    assert "daypass" not in service.cli.commands
    assert client_of(service).get("/missing", base_url=BASE_URL).headers.get("X-Request-Id") is None


def test_what_needs_accounts_says_who_has_them(service: Flask, issuer: Server) -> None:
    with (
        service.test_request_context("/"),
        pytest.raises(RuntimeError, match=f"no accounts and sessions: {issuer.url} has"),
    ):
        Daypass().sign_out()


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("login.example.org", "issuer cannot be used: it must be a URL such as https://login.example.org"),
        ("http://login.example.org", "issuer cannot be used: its keys must be fetched by https, except on loopback."),
        ("https://login.example.org/?x=1", "issuer cannot be used: it must consist of scheme, host"),
    ],
)
def test_an_address_that_cannot_be_an_issuer_is_refused(url: str, message: str) -> None:
    with pytest.raises(SettingsError, match=message):
        new_service(url)


@pytest.mark.parametrize(
    ("config", "message"),
    [
        ({"DAYPASS_BASE_URL": None}, "DAYPASS_BASE_URL is required"),
        ({"DAYPASS_COOKIE_DOMAIN": "example.com"}, "does not cover"),
        ({"DAYPASS_THREADS": "many"}, "DAYPASS_THREADS cannot be used"),
    ],
)
def test_a_wrong_setting_is_refused(config: dict[str, object], message: str) -> None:
    with pytest.raises(SettingsError, match=message):
        new_service("https://login.example.org", **config)


def test_the_whole_app_cannot_be_protected_without_pages() -> None:
    app = Flask("reports")
    app.config["DAYPASS_BASE_URL"] = BASE_URL
    with pytest.raises(ValueError, match="protect_app needs the pages of Daypass"):
        Daypass(app, issuer="https://login.example.org", protect_app=True)


def test_a_test_needs_no_issuer() -> None:
    service = new_service("https://login.example.org")
    alice = signed_in(service, "alice", roles=["staff"])
    assert alice.get("/staff").text == "For the staff"
    first = alice.get("/reports").get_json()
    assert first == signed_in(service, "alice").get("/reports").get_json()
    assert signed_in(service, "bob").get("/staff").status_code == 403
