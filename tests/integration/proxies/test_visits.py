"""Visits to an app and a folder, the same behind every proxy."""

from urllib.parse import parse_qs, urlsplit

import pytest

from tests.conftest import PASSWORD
from tests.helpers.tokens import tampered
from tests.integration.proxies.deployment import APP, COOKIE, DOCS, NAVIGATING, SCRIPT, Deployment, cookies, identity
from tests.integration.proxies.reverse_proxies import LOGIN

ROLES = {"alice": "admin", "bob": ""}
FORGED = [
    *((f"Remote-{what}", "admin") for what in ("User", "Id", "Name", "Email", "Groups")),
    *((f"Remote{by}{what}", "admin") for by in "_.!" for what in ("User", "Id", "Name", "Email", "Groups")),
    ("REMOTE-USER", "admin"),
]


def next_url_of(location: str) -> str:
    """The URL that the sign-in page, to which a redirect leads, will return to."""
    parts = urlsplit(location)
    assert (parts.hostname, parts.path) == (LOGIN, "/login")
    return parse_qs(parts.query)["next"][0]


@pytest.mark.parametrize("host", [APP, DOCS])
def test_signing_in_leads_back_to_the_requested_page(deployment: Deployment, host: str) -> None:
    target = "/?from=mail&a=%C3%BC%2F"
    before = len(deployment.app.seen)
    refused = deployment.request(target, NAVIGATING, host=host)
    assert (refused.status, len(deployment.app.seen)) == (302, before)
    asked_for = next_url_of(refused.location)
    assert asked_for == deployment.url(host, target)
    token, back = deployment.sign_in("bob", asked_for)
    assert back == asked_for
    assert deployment.request(target, NAVIGATING, token=token, host=host).status == 200


def test_one_cookie_is_for_all_hosts_below_the_parent(deployment: Deployment) -> None:
    cookie = cookies(deployment.form("/login", {"username": "bob", "password": PASSWORD}))[COOKIE]
    assert cookie.value.startswith("ey")
    assert (cookie["domain"], cookie["path"], cookie["samesite"]) == ("example.org", "/", "Lax")
    assert cookie["secure"] and cookie["httponly"]


@pytest.mark.parametrize("name", ["alice", "bob"])
def test_the_app_sees_the_real_identity_and_nothing_that_the_visitor_claims(
    deployment: Deployment, name: str, request: pytest.FixtureRequest
) -> None:
    token = request.getfixturevalue(name)
    for headers in ([], FORGED):
        seen = deployment.forwarded("/", headers, token=token)
        assert seen.identity == identity(token)
        assert (seen.all("Remote-User"), "".join(seen.all("Remote-Groups"))) == ([name], ROLES[name])
        assert seen.all("Remote-Email") in ([], [""])


def test_on_a_public_page_a_visitor_has_no_identity(deployment: Deployment) -> None:
    assert deployment.forwarded("/public/", FORGED).identity == []


def test_a_signed_in_visitor_has_an_identity_on_public_pages_too(deployment: Deployment, bob: str) -> None:
    assert ("Remote-User", "bob") in deployment.forwarded("/public/page", token=bob).identity


@pytest.mark.parametrize("headers", [NAVIGATING, SCRIPT])
def test_a_missing_role_is_403_without_a_redirect(
    deployment: Deployment, alice: str, bob: str, headers: list[tuple[str, str]]
) -> None:
    for host, page in ((APP, "/staff/wages"), (DOCS, "/staff/wages.html")):
        refused = deployment.request(page, headers, token=bob, host=host)
        assert (refused.status, refused.location) == (403, "")
        assert deployment.request(page, headers, token=alice, host=host).status == 200


def test_a_visitor_who_signed_out_is_refused_at_the_next_request(deployment: Deployment) -> None:
    token, _ = deployment.sign_in("bob")
    assert deployment.request("/", NAVIGATING, token=token).status == 200
    assert deployment.request("/", NAVIGATING, token=token, host=DOCS).status == 200
    assert deployment.sign_out(token).status == 303
    assert deployment.request("/", NAVIGATING, token=token).status == 302
    assert deployment.request("/", NAVIGATING, token=token, host=DOCS).status == 302


@pytest.mark.parametrize("host", [APP, DOCS])
def test_a_script_gets_401_and_no_redirect(deployment: Deployment, host: str) -> None:
    refused = deployment.request("/data", SCRIPT, host=host)
    assert (refused.status, refused.location) == (401, "")
    assert refused.headers["WWW-Authenticate"].startswith("Bearer")


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_the_body_of_a_signed_in_visitors_request_reaches_the_app(
    deployment: Deployment, bob: str, method: str
) -> None:
    body = b"a" * 20_000
    seen = deployment.request("/data?b=1", SCRIPT, token=bob, method=method, body=body).json()
    assert seen == {"method": method, "target": "/data?b=1", "body": body.decode()}
    before = len(deployment.app.seen)
    assert deployment.request("/data", SCRIPT, method=method, body=body).status == 401
    assert len(deployment.app.seen) == before


def test_the_gate_is_asked_about_the_method_of_the_request(deployment: Deployment) -> None:
    assert deployment.request("/read/page").status == 200
    assert deployment.request("/read/page", method="HEAD").status == 200
    assert deployment.request("/read/page", SCRIPT, method="POST", body=b"a").status == 401
    assert deployment.request("/", NAVIGATING, method="HEAD").status == 302


def test_a_websocket_opens_for_a_signed_in_visitor(deployment: Deployment, bob: str) -> None:
    assert deployment.socket(bob) == "hello"
    assert ("Remote-User", "bob") in deployment.app.seen[-1].identity


def test_a_websocket_stays_shut_for_others(deployment: Deployment, bob: str) -> None:
    before = len(deployment.app.seen)
    assert deployment.socket(None) is None
    assert deployment.socket(tampered(bob)) is None
    assert len(deployment.app.seen) == before


def test_the_folder_is_for_signed_in_visitors(deployment: Deployment, bob: str) -> None:
    page = deployment.request("/", NAVIGATING, token=bob, host=DOCS)
    assert (page.status, page.body) == (200, "<h1>The folder</h1>")
    assert page.headers["Cache-Control"] == "private, no-cache"
    assert deployment.request("/public/", NAVIGATING, host=DOCS).body == "<h1>For everybody</h1>"
    assert "folder" not in deployment.request("/", NAVIGATING, host=DOCS).body


def test_a_program_signs_in_with_a_bearer_token(deployment: Deployment) -> None:
    token = deployment.daypass.sign_in("bob", PASSWORD)
    assert ("Remote-User", "bob") in deployment.forwarded("/", [("Authorization", f"Bearer {token}")]).identity


def test_the_check_renews_nothing_and_sets_no_cookie(deployment: Deployment, bob: str) -> None:
    for token in (bob, None, tampered(bob)):
        assert "Set-Cookie" not in deployment.request("/", NAVIGATING, token=token).headers
