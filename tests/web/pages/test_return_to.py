"""The return to another host after signing in or up: only to hosts of the rules."""

from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlencode

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.conftest import PAGE, PASSWORD, Person
from tests.helpers.redirect_targets import HOSTILE
from tests.web.forward_auth.proxy_checks import APP, LOGIN, RULES, SETTINGS, cookie_header

OWN_URL = f"https://{LOGIN}"
RETURN_URL = f"https://{APP}/x?y=1&z=2#w"
FOREIGN_TARGETS = [
    "https://evil.example/", "//evil.example", "/\\evil.example", f"https://{APP}@evil.example/",
    f"https://evil.example\\@{APP}/", f"https://x.{APP}/", f"https://{APP}:8443/", f"http://{APP}/",
    "https://example.org/", f"{OWN_URL}/login", f"{OWN_URL}/members",
]  # fmt: skip
HOSTILE_TARGETS = [target for target in HOSTILE if target is not None and target.isprintable() and len(target) < 3000]


@pytest.fixture
def environ(environ: dict[str, str], tmp_path: Path) -> dict[str, str]:
    rules = tmp_path / "rules.toml"
    rules.write_text(RULES)
    return environ | SETTINGS | {"DAYPASS_RULES": str(rules), "DAYPASS_SIGNUP": "open"}


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client(use_cookies=False)


def post(client: FlaskClient, path: str, **fields: str | None) -> TestResponse:
    return client.post(path, base_url=OWN_URL, headers=PAGE, data={k: v for k, v in fields.items() if v is not None})


def get(client: FlaskClient, path: str, target: str, headers: dict[str, str] | None = None) -> TestResponse:
    return client.get(f"{path}?{urlencode({'next': target})}", base_url=OWN_URL, headers=PAGE | (headers or {}))


def form_action(response: TestResponse) -> str:
    """The `form-action` of the response's content security policy."""
    (found,) = [
        rule for rule in response.headers["Content-Security-Policy"].split("; ") if rule.startswith("form-action ")
    ]
    return found.removeprefix("form-action ")


@pytest.mark.parametrize(
    ("target", "location"),
    [
        (RETURN_URL, RETURN_URL),
        (f"https://{APP}", f"https://{APP}/"),
        ("https://APP.Example.ORG.:443/x", f"https://{APP}/x"),
        ("https://nas.example.org:8443/x", "https://nas.example.org:8443/x"),
        ("https://far.example/", "https://far.example/"),
        ("/members?x=1", "/members?x=1"),
    ],
)
def test_signing_in_leads_back_to_a_host_of_the_rules(
    client: FlaskClient, add_account: Callable[..., str], target: str, location: str
) -> None:
    add_account("alice")
    response = post(client, "/login", username="alice", password=PASSWORD, next=target)
    assert (response.status_code, response.location) == (303, location)


def test_nothing_else_leads_off_the_site(client: FlaskClient, add_account: Callable[..., str]) -> None:
    """Attack 15 in SECURITY.md. Sign-ins are slow: most targets only check the CSP."""
    add_account("alice")
    for target in HOSTILE_TARGETS:
        assert form_action(get(client, "/login", target)) == "'self'", ascii(target)
        assert form_action(get(client, "/signup", target)) == "'self'", ascii(target)
    for target in FOREIGN_TARGETS:
        response = post(client, "/login", username="alice", password=PASSWORD, next=target)
        assert (response.status_code, response.location) == (303, "/"), target


def test_signing_up_leads_back_too(client: FlaskClient) -> None:
    response = post(client, "/signup", username="bob", password=PASSWORD, next=RETURN_URL)
    assert (response.status_code, response.location) == (303, RETURN_URL)
    response = post(client, "/signup", username="charlie", password=PASSWORD, next="https://evil.example/")
    assert (response.status_code, response.location) == (303, "/")


@pytest.mark.parametrize(
    ("target", "origin"),
    [
        (RETURN_URL, f"https://{APP}"),
        ("https://nas.example.org:8443/x", "https://nas.example.org:8443"),
        (f"https://{APP.upper()}:443/;script-src%20*", f"https://{APP}"),
    ],
)
def test_the_form_may_be_redirected_to_exactly_that_origin(client: FlaskClient, target: str, origin: str) -> None:
    """Chromium applies `form-action` to the redirect after a form."""
    wrong = post(client, "/login", username="alice", password="wrong", next=target)
    weak = post(client, "/signup", username="alice", password="weak", next=target)
    assert (wrong.status_code, weak.status_code) == (401, 422)
    for response in (get(client, "/login", target), get(client, "/signup", target), wrong, weak):
        assert form_action(response) == f"'self' {origin}"
        plain = client.get("/login", base_url=OWN_URL, headers=PAGE).headers["Content-Security-Policy"]
        assert response.headers["Content-Security-Policy"].replace(f" {origin}", "") == plain


def test_no_other_page_lets_its_forms_leave(client: FlaskClient, sign_in: Callable[..., Person]) -> None:
    alice = cookie_header(sign_in("alice", ["admin"]))
    for path in ("/", "/members", "/account", "/setup", "/nowhere"):
        for headers in ({}, alice):
            assert form_action(get(client, path, RETURN_URL, headers)) == "'self'", path


def test_the_return_url_is_kept_in_the_form(client: FlaskClient) -> None:
    value = RETURN_URL.replace("&", "&amp;")
    for response in (
        get(client, "/login", RETURN_URL),
        post(client, "/login", username="a", password="b", next=RETURN_URL),
    ):
        assert f'value="{value}"' in response.text
        assert "/signup?next=https" in response.text


class TestSignedInAlready:
    """A visitor with a pass who opens the sign-in page from another host."""

    def test_goes_back_at_once(self, client: FlaskClient, sign_in: Callable[..., Person]) -> None:
        response = get(client, "/login", RETURN_URL, cookie_header(sign_in("alice")))
        assert (response.status_code, response.location) == (303, RETURN_URL)
        assert "Set-Cookie" not in response.headers

    @pytest.mark.parametrize(
        "target", ["https://far.example/x", "/members", "https://evil.example/", "//evil.example", ""]
    )
    def test_gets_the_form_if_the_redirect_would_loop_or_leave_the_rules_hosts(
        self, client: FlaskClient, sign_in: Callable[..., Person], target: str
    ) -> None:
        """far.example does not get the cookie, so it would redirect back here."""
        response = get(client, "/login", target, cookie_header(sign_in("alice")))
        assert (response.status_code, response.headers.get("Location")) == (200, None)

    def test_and_whose_pass_has_ended_gets_the_form(self, client: FlaskClient, sign_in: Callable[..., Person]) -> None:
        alice = cookie_header(sign_in("alice"))
        client.post("/logout", base_url=OWN_URL, headers=PAGE | alice)
        assert get(client, "/login", RETURN_URL, alice).status_code == 200

    def test_a_program_is_not_sent_on(self, client: FlaskClient, sign_in: Callable[..., Person]) -> None:
        assert get(client, "/login", RETURN_URL, sign_in("alice").bearer_header).status_code == 200


class TestWithoutSharedCookie:
    """With a cookie only for Daypass's own host."""

    @pytest.fixture
    def environ(self, environ: dict[str, str]) -> dict[str, str]:
        return {name: value for name, value in environ.items() if name != "DAYPASS_COOKIE_DOMAIN"}

    def test_nobody_is_redirected_in_a_loop(self, client: FlaskClient, sign_in: Callable[..., Person]) -> None:
        alice = {"Cookie": f"__Host-daypass={sign_in('alice').token}"}
        assert client.get("/members", base_url=OWN_URL, headers=PAGE | alice).status_code == 200
        assert get(client, "/login", RETURN_URL, alice).status_code == 200


class TestRulesThatCannotBeUsed:
    """With broken rules, one can still sign in."""

    def test_signing_in_leads_home(
        self, client: FlaskClient, add_account: Callable[..., str], environ: dict[str, str]
    ) -> None:
        Path(environ["DAYPASS_RULES"]).write_text("[[rule]]\n")
        add_account("alice")
        assert get(client, "/login", RETURN_URL).status_code == 200
        response = post(client, "/login", username="alice", password=PASSWORD, next=RETURN_URL)
        assert (response.status_code, response.location) == (303, "/")
