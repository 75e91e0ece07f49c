"""What a visitor does at an app and a folder behind nginx, Caddy and Traefik: the same for all three."""

from urllib.parse import parse_qs, urlsplit

import pytest

from tests.conftest import PASSWORD
from tests.helpers.tokens import tampered
from tests.integration.proxies.deployment import APP, COOKIE, DOCS, NAVIGATES, SCRIPT, World, cookies, identity
from tests.integration.proxies.reverse_proxies import LOGIN

ROLES = {"alice": "admin", "bob": ""}
FORGED = [
    *((f"Remote-{what}", "admin") for what in ("User", "Id", "Name", "Email", "Groups")),
    *((f"Remote{by}{what}", "admin") for by in "_.!" for what in ("User", "Id", "Name", "Email", "Groups")),
    ("REMOTE-USER", "admin"),
]


def way_back(location: str) -> str:
    """Where the sign-in page that a redirect leads to will lead back to."""
    parts = urlsplit(location)
    assert (parts.hostname, parts.path) == (LOGIN, "/login")
    return parse_qs(parts.query)["next"][0]


@pytest.mark.parametrize("host", [APP, DOCS])
def test_signing_in_leads_back_to_the_very_page(world: World, host: str) -> None:
    target = "/?from=mail&a=%C3%BC%2F"
    before = len(world.app.seen)
    refused = world.ask(target, NAVIGATES, host=host)
    assert (refused.status, len(world.app.seen)) == (302, before)
    asked_for = way_back(refused.location)
    assert asked_for == world.url(host, target)
    token, back = world.sign_in("bob", asked_for)
    assert back == asked_for
    assert world.ask(target, NAVIGATES, token=token, host=host).status == 200


def test_one_cookie_is_for_all_hosts_below_the_parent(world: World) -> None:
    held = cookies(world.form("/login", {"username": "bob", "password": PASSWORD}))[COOKIE]
    assert held.value.startswith("ey")
    assert (held["domain"], held["path"], held["samesite"]) == ("example.org", "/", "Lax")
    assert held["secure"] and held["httponly"]


@pytest.mark.parametrize("name", ["alice", "bob"])
def test_the_app_sees_who_it_is_and_nothing_that_the_visitor_says_of_it(
    world: World, name: str, request: pytest.FixtureRequest
) -> None:
    token = request.getfixturevalue(name)
    for headers in ([], FORGED):
        seen = world.reached("/", headers, token=token)
        assert seen.identity == identity(token)
        assert (seen.all("Remote-User"), "".join(seen.all("Remote-Groups"))) == ([name], ROLES[name])
        assert seen.all("Remote-Email") in ([], [""])


def test_on_a_public_page_nobody_is_anybody(world: World) -> None:
    assert world.reached("/public/", FORGED).identity == []


def test_somebody_signed_in_is_somebody_on_a_public_page_too(world: World, bob: str) -> None:
    assert ("Remote-User", "bob") in world.reached("/public/page", token=bob).identity


@pytest.mark.parametrize("headers", [NAVIGATES, SCRIPT])
def test_a_missing_role_is_403_and_no_way_to_sign_in(
    world: World, alice: str, bob: str, headers: list[tuple[str, str]]
) -> None:
    for host, page in ((APP, "/staff/wages"), (DOCS, "/staff/wages.html")):
        refused = world.ask(page, headers, token=bob, host=host)
        assert (refused.status, refused.location) == (403, "")
        assert world.ask(page, headers, token=alice, host=host).status == 200


def test_who_signed_out_is_refused_at_the_very_next_request(world: World) -> None:
    token, _ = world.sign_in("bob")
    assert world.ask("/", NAVIGATES, token=token).status == 200
    assert world.ask("/", NAVIGATES, token=token, host=DOCS).status == 200
    assert world.sign_out(token).status == 303
    assert world.ask("/", NAVIGATES, token=token).status == 302
    assert world.ask("/", NAVIGATES, token=token, host=DOCS).status == 302


@pytest.mark.parametrize("host", [APP, DOCS])
def test_a_script_gets_401_and_no_redirect(world: World, host: str) -> None:
    refused = world.ask("/data", SCRIPT, host=host)
    assert (refused.status, refused.location) == (401, "")
    assert refused.headers["WWW-Authenticate"].startswith("Bearer")


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_what_is_sent_reaches_the_app_of_who_is_signed_in(world: World, bob: str, method: str) -> None:
    body = b"a" * 20_000
    told = world.ask("/data?b=1", SCRIPT, token=bob, method=method, body=body).json()
    assert told == {"method": method, "target": "/data?b=1", "body": body.decode()}
    before = len(world.app.seen)
    assert world.ask("/data", SCRIPT, method=method, body=body).status == 401
    assert len(world.app.seen) == before


def test_the_gate_is_asked_about_the_method_of_the_request(world: World) -> None:
    assert world.ask("/read/page").status == 200
    assert world.ask("/read/page", method="HEAD").status == 200
    assert world.ask("/read/page", SCRIPT, method="POST", body=b"a").status == 401
    assert world.ask("/", NAVIGATES, method="HEAD").status == 302


def test_a_websocket_opens_for_who_is_signed_in(world: World, bob: str) -> None:
    assert world.socket(bob) == "hello"
    assert ("Remote-User", "bob") in world.app.seen[-1].identity


def test_a_websocket_stays_shut_for_others(world: World, bob: str) -> None:
    before = len(world.app.seen)
    assert world.socket(None) is None
    assert world.socket(tampered(bob)) is None
    assert len(world.app.seen) == before


def test_the_folder_is_for_who_is_signed_in(world: World, bob: str) -> None:
    shown = world.ask("/", NAVIGATES, token=bob, host=DOCS)
    assert (shown.status, shown.body) == (200, "<h1>The folder</h1>")
    assert shown.headers["Cache-Control"] == "private, no-cache"
    assert world.ask("/public/", NAVIGATES, host=DOCS).body == "<h1>For everybody</h1>"
    assert "folder" not in world.ask("/", NAVIGATES, host=DOCS).body


def test_a_program_comes_in_with_a_bearer_token(world: World) -> None:
    token = world.daypass.sign_in("bob", PASSWORD)
    assert ("Remote-User", "bob") in world.reached("/", [("Authorization", f"Bearer {token}")]).identity


def test_the_check_renews_nothing_and_sets_no_cookie(world: World, bob: str) -> None:
    for token in (bob, None, tampered(bob)):
        assert "Set-Cookie" not in world.ask("/", NAVIGATES, token=token).headers
