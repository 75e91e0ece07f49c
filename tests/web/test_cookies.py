"""The cookie that hosts share, and the host-only cookie from before."""

from collections.abc import Callable
from http.cookies import Morsel, SimpleCookie

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from daypass.accounts.roles import MAX_ROLES
from tests.conftest import PAGE, PASSWORD, Person

HTTPS = {"DAYPASS_BASE_URL": "https://login.example.org", "DAYPASS_COOKIE_DOMAIN": "example.org"}
HTTP = {"DAYPASS_BASE_URL": "http://login.daypass.localhost", "DAYPASS_COOKIE_DOMAIN": "daypass.localhost"}
APEX = {"DAYPASS_BASE_URL": "http://example.org", "DAYPASS_COOKIE_DOMAIN": "example.org"}


@pytest.fixture(params=[HTTPS, HTTP, APEX], ids=["https", "http", "apex"])
def environ(environ: dict[str, str], request: pytest.FixtureRequest) -> dict[str, str]:
    return environ | dict(request.param)


@pytest.fixture
def base_url(environ: dict[str, str]) -> str:
    return environ["DAYPASS_BASE_URL"]


@pytest.fixture
def names(environ: dict[str, str]) -> tuple[str, str]:
    """The names of the shared cookie and of the host-only cookie."""
    https = environ["DAYPASS_BASE_URL"].startswith("https:")
    return ("__Secure-daypass", "__Host-daypass") if https else ("daypass", "daypass")


def set_cookies(response: TestResponse) -> list["Morsel[str]"]:
    """The cookies that a response sets or deletes, in order."""
    return [morsel for line in response.headers.getlist("Set-Cookie") for morsel in SimpleCookie(line).values()]


def test_signing_in_sets_the_shared_cookie_and_deletes_the_host_only_one(
    app: Flask,
    add_account: Callable[..., str],
    environ: dict[str, str],
    base_url: str,
    names: tuple[str, str],
) -> None:
    """The deletion is first: if host and domain are equal, some merge both."""
    add_account("alice")
    client = app.test_client()
    form = {"username": "alice", "password": PASSWORD}
    deleted, shared, _device = set_cookies(client.post("/login", base_url=base_url, headers=PAGE, data=form))
    assert (shared.key, deleted.key) == names
    assert (shared["domain"], deleted["domain"]) == (environ["DAYPASS_COOKIE_DOMAIN"], "")
    assert (deleted.value, deleted["max-age"]) == ("", "0")
    assert shared.value and int(shared["max-age"]) > 86_000
    for morsel in (shared, deleted):
        assert (morsel["path"], morsel["samesite"], morsel["httponly"]) == ("/", "Lax", True)
        assert bool(morsel["secure"]) == base_url.startswith("https:")
    assert client.get("/members", base_url=base_url, headers=PAGE).status_code == 200


@pytest.mark.parametrize("how", ["sign out", "invalid"])
def test_the_cookie_is_deleted_with_its_domain(
    app: Flask, sign_in: Callable[..., Person], environ: dict[str, str], base_url: str, names: tuple[str, str], how: str
) -> None:
    client = app.test_client(use_cookies=False)
    value = "bad" if how == "invalid" else sign_in("alice").token
    headers = PAGE | {"Cookie": f"{names[0]}={value}"}
    if how == "sign out":
        response = client.post("/logout", base_url=base_url, headers=headers)
    else:
        response = client.get("/members", base_url=base_url, headers=headers)
    own, shared, *_message = set_cookies(response)
    assert [(morsel.key, morsel.value, morsel["max-age"]) for morsel in (shared, own)] == [
        (name, "", "0") for name in names
    ]
    assert (shared["domain"], own["domain"]) == (environ["DAYPASS_COOKIE_DOMAIN"], "")


def test_the_message_after_signing_out_is_for_this_host_alone(
    client: FlaskClient, base_url: str, names: tuple[str, str]
) -> None:
    *_, message = set_cookies(client.post("/logout", base_url=base_url, headers=PAGE))
    assert (message.key, message.value, message["domain"]) == (f"{names[1]}-message", "SIGNED_OUT", "")
    assert bool(message["secure"]) == base_url.startswith("https:")


@pytest.mark.parametrize("environ", [HTTPS], ids=["https"], indirect=True)  # elsewhere it has the same name
def test_the_host_only_cookie_is_ignored_under_https(
    app: Flask, sign_in: Callable[..., Person], base_url: str, names: tuple[str, str]
) -> None:
    client, token = app.test_client(use_cookies=False), sign_in("alice").token
    for cookies in (f"{names[1]}={token}", f"{names[1]}={token}; {names[0]}=bad"):
        assert client.get("/members", base_url=base_url, headers={"Cookie": cookies}).status_code == 401
    both = {"Cookie": f"{names[1]}=bad; {names[0]}={token}"}
    assert client.get("/members", base_url=base_url, headers=both).status_code == 200


def test_a_browser_with_the_host_only_cookie_signs_in_and_out(
    app: Flask, add_account: Callable[..., str], base_url: str, names: tuple[str, str]
) -> None:
    add_account("alice")
    client: FlaskClient = app.test_client()
    host = base_url.partition("://")[2]
    client.set_cookie(names[1], "stale", domain=host)
    assert client.get("/members", base_url=base_url, headers=PAGE).status_code == 401
    form = {"username": "alice", "password": PASSWORD}
    assert client.post("/login", base_url=base_url, headers=PAGE, data=form).status_code == 303
    assert client.get("/members", base_url=base_url, headers=PAGE).status_code == 200
    assert client.post("/logout", base_url=base_url, headers=PAGE).status_code == 303
    assert client.get("/members", base_url=base_url, headers=PAGE).status_code == 401
    for name in names:
        assert client.get_cookie(name, domain=host) is None


@pytest.mark.parametrize("environ", [HTTPS], ids=["https"], indirect=True)  # with the longest names of cookies
def test_the_cookies_of_the_longest_name_fit_into_4096_bytes(
    app: Flask, add_account: Callable[..., str], base_url: str
) -> None:
    """Browsers ignore longer ones (RFC 6265bis section 5.6)."""
    name = "n" * 32
    add_account(name, [f"{number:02}{'r' * 30}" for number in range(MAX_ROLES)])
    form = {"username": name, "password": PASSWORD}
    lines = app.test_client().post("/login", base_url=base_url, headers=PAGE, data=form).headers.getlist("Set-Cookie")
    assert len(lines) == 3
    assert all(len(line) < 4096 for line in lines)
