"""The page of a guest link, and the static site behind it."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.conftest import PAGE, Person
from tests.helpers.guest_links import age, new_code, revoke_all, stored

SITE = "127.0.0.1"
RULES = """
[[rule]]
host = "127.0.0.1"
path = "/staff/inner"
allow = { roles = ["board"] }

[[rule]]
host = "127.0.0.1"
path = "/staff"
allow = { roles = ["staff"] }
"""
SignIn = Callable[..., Person]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "public"
    for name in ("index.html", "staff/index.html", "staff/a.txt", "staff/inner/x.txt", "staff-private/x.txt"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(f"text of {name}")
    (folder / "staff" / "link.txt").symlink_to("../staff-private/x.txt")
    return folder


@pytest.fixture(params=["with rules", "without rules"])
def environ(request: pytest.FixtureRequest, environ: dict[str, str], tmp_path: Path, folder: Path) -> dict[str, str]:
    site = environ | {"DAYPASS_SITE": str(folder)}
    if request.param == "without rules":
        return site
    (tmp_path / "rules.toml").write_text(RULES)
    return site | {"DAYPASS_RULES": str(tmp_path / "rules.toml")}


@pytest.fixture
def code(app: Flask) -> str:
    """The code of a link to /staff/."""
    return new_code(app, SITE, "/staff/")


def site_show(client: FlaskClient, code: str) -> TestResponse:
    return client.get("/-/guest", query_string={"code": code}, headers=PAGE)


def site_open(client: FlaskClient, code: str, **headers: str) -> TestResponse:
    return client.post("/-/guest", data={"code": code}, headers=PAGE | headers)


def status(client: FlaskClient, path: str) -> int:
    return client.get(path, headers=PAGE, buffered=True).status_code


def test_a_stranger_opens_the_page(app: Flask, client: FlaskClient, code: str) -> None:
    assert status(client, "/staff/") == 401
    page = site_show(client, code)
    assert page.status_code == 200
    assert "<h1" in page.text
    assert "127.0.0.1/staff/" in page.text
    assert status(client, "/staff/") == 401
    response = site_open(client, code)
    assert (response.status_code, response.location) == (303, "/staff/")
    found = client.get("/staff/", headers=PAGE, buffered=True)
    assert (found.status_code, found.text) == (200, "text of staff/index.html")
    assert found.headers["Cache-Control"] == "private, no-cache"
    assert client.get("/staff/a.txt", headers={"Range": "bytes=0-3"}, buffered=True).text == "text"


def test_the_cookie_is_for_the_link_alone(app: Flask, client: FlaskClient, code: str) -> None:
    [cookie] = site_open(client, code).headers.getlist("Set-Cookie")
    assert cookie.startswith(f"daypass-guest={code};")
    for attribute in ("HttpOnly", "Path=/", "SameSite=Lax", "Max-Age=86"):
        assert attribute in cookie


@pytest.mark.parametrize("path", ["/", "/staff-private/x.txt", "/staff/%2e%2e/staff-private/x.txt", "/staff/link.txt"])
def test_a_guest_sees_nothing_else(client: FlaskClient, code: str, path: str) -> None:
    site_open(client, code)
    assert status(client, path) in (400, 401, 403)
    assert "text of" not in client.get(path, headers=PAGE, buffered=True).text


def test_a_part_with_a_rule_of_its_own_stays_closed(app: Flask, client: FlaskClient, code: str) -> None:
    site_open(client, code)
    has_rules = app.extensions["daypass"].rules.path is not None
    assert status(client, "/staff/inner/x.txt") == (401 if has_rules else 200)


@pytest.mark.parametrize("path", ["/-/account", "/-/members", "/-/admin", "/-/api/me", "/-/account/sessions"])
def test_pages_of_daypass_stay_closed(app: Flask, client: FlaskClient, path: str) -> None:
    site_open(client, new_code(app, SITE, "/"))
    assert status(client, path) == 401


def test_a_revoked_link_closes_the_page_at_the_next_request(app: Flask, client: FlaskClient, code: str) -> None:
    site_open(client, code)
    assert status(client, "/staff/") == 200
    revoke_all(app)
    assert status(client, "/staff/") == 401


def test_an_expired_link_closes_the_page(app: Flask, client: FlaskClient, code: str) -> None:
    site_open(client, code)
    age(app, timedelta(days=1))
    assert status(client, "/staff/") == 401


@pytest.mark.parametrize("bad", ["", "x", "0" * 32, "\x00", "ü", "0" * 5000])
def test_a_link_that_does_not_work_does_not_say_why(client: FlaskClient, bad: str) -> None:
    for response in (site_show(client, bad), site_open(client, bad)):
        assert response.status_code == 410
        assert "has expired, was revoked, or was not copied completely" in response.text
        assert "Set-Cookie" not in response.headers


def test_the_page_changes_nothing(app: Flask, client: FlaskClient, code: str) -> None:
    response = site_show(client, code)
    assert "Set-Cookie" not in response.headers
    assert response.headers["Referrer-Policy"] == "no-referrer"
    assert response.headers["Cache-Control"] == "no-store"
    assert [link.opened_at for link in stored(app)] == [None]


def test_another_site_cannot_press_the_button(client: FlaskClient, code: str) -> None:
    response = site_open(client, code, **{"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"})
    assert response.status_code == 403
    assert "Set-Cookie" not in response.headers


def test_the_visitor_stays_signed_in(sign_in: SignIn, code: str) -> None:
    alice = sign_in("alice", ["board"])
    assert "You stay signed in as <b>alice</b>" in site_show(alice.client, code).text
    response = site_open(alice.client, code)
    assert [cookie.partition("=")[0] for cookie in response.headers.getlist("Set-Cookie")] == ["daypass-guest"]
    assert status(alice.client, "/-/account") == 200
    assert status(alice.client, "/staff/") == 200


def test_a_browser_keeps_several_links_and_forgets_those_that_ended(app: Flask, client: FlaskClient, code: str) -> None:
    site_open(client, code)
    revoke_all(app)
    codes = [new_code(app, SITE, "/staff/a.txt") for _ in range(10)]
    for other in codes:
        site_open(client, other)
    cookie = client.get_cookie("daypass-guest")
    assert cookie is not None
    assert cookie.value.split(".") == codes[::-1][:8]


def test_opening_a_link_again_keeps_it_once(app: Flask, client: FlaskClient, code: str) -> None:
    for _ in range(2):
        [cookie] = site_open(client, code).headers.getlist("Set-Cookie")
    assert cookie.startswith(f"daypass-guest={code};")


def test_a_link_to_a_host_that_the_rules_do_not_name_does_not_work(app: Flask, client: FlaskClient) -> None:
    code = new_code(app, "gone.example.org", "/")
    assert site_show(client, code).status_code == 410
    assert site_open(client, code).status_code == 410


def test_a_path_with_odd_characters_leads_to_its_page(app: Flask, client: FlaskClient) -> None:
    code = new_code(app, SITE, "/ü b/<i>?&x")
    assert "&lt;i&gt;" in site_show(client, code).text
    assert site_open(client, code).location == "/%C3%BC%20b/%3Ci%3E%3F%26x"
