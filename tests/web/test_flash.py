"""Messages about an act that was just done."""

import json
import time
from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient

from daypass.keys.encryption import fernet
from daypass.web.context import current_runtime
from daypass.web.flash import PARAMETER, PURPOSE, redirect_with_message
from tests.conftest import PAGE, PASSWORD, Person
from tests.helpers.api_tokens import new_api_token
from tests.helpers.tokens import bearer_header

COOKIE = "daypass-message"
MESSAGE = "Key <a78b> was dropped."
ON_THE_PAGE = '<p class="notice" role="status">Key &lt;a78b&gt; was dropped.</p>'


@pytest.fixture
def redirected(app: Flask) -> Callable[[Person], str]:
    """The URL that a redirect with the message leads a person to."""

    def url(person: Person) -> str:
        with app.test_request_context():
            response = redirect_with_message(
                current_runtime().settings, person.claims.session_id, MESSAGE, "account.account"
            )
        return response.headers["Location"]

    return url


def shown_to(person: Person, url: str) -> bool:
    response = person.client.get(url, headers=PAGE)
    assert response.status_code == 200
    return ON_THE_PAGE in response.text


def test_the_next_page_shows_the_message(sign_in: Callable[..., Person], redirected: Callable[[Person], str]) -> None:
    alice = sign_in("alice")
    assert shown_to(alice, redirected(alice))
    assert not shown_to(alice, "/account")


def test_a_link_cannot_show_the_message_to_somebody_else(
    app: Flask, sign_in: Callable[..., Person], redirected: Callable[[Person], str]
) -> None:
    alice, elsewhere, bob = sign_in("alice"), sign_in("alice"), sign_in("bob")
    url = redirected(bob)
    assert not shown_to(alice, url)
    assert not shown_to(elsewhere, redirected(alice))
    home = f"/?{urlsplit(url).query}"
    assert "was dropped" not in app.test_client().get(home, headers=PAGE).text


def test_the_url_does_not_reveal_the_message(
    sign_in: Callable[..., Person], redirected: Callable[[Person], str]
) -> None:
    (sealed,) = parse_qs(urlsplit(redirected(sign_in("alice"))).query)[PARAMETER]
    assert "a78b" not in sealed


def test_a_message_older_than_a_minute_is_not_shown(app: Flask, sign_in: Callable[..., Person]) -> None:
    alice = sign_in("alice")

    def sealed(age: int) -> str:
        with app.app_context():
            keys = fernet(current_runtime().settings.secret_keys, PURPOSE)
        content = json.dumps([alice.claims.session_id, MESSAGE]).encode()
        return keys.encrypt_at_time(content, int(time.time()) - age).decode()

    assert shown_to(alice, f"/account?{PARAMETER}={sealed(40)}")
    assert not shown_to(alice, f"/account?{PARAMETER}={sealed(62)}")


@pytest.mark.parametrize("text", ["", "1", "Key%20a78b%20was%20dropped.", "%00", "gAAAAA", "%C3%A4", "A" * 4000])
def test_a_text_that_daypass_did_not_write_is_ignored(sign_in: Callable[..., Person], text: str) -> None:
    alice = sign_in("alice")
    assert 'role="status">Key' not in alice.client.get(f"/account?{PARAMETER}={text}", headers=PAGE).text


class TestSignedOut:
    """What visitors are told who have just ended their session."""

    SIGNED_OUT = '<p class="notice" role="status">You are signed out. Your pass is no longer valid,'
    DELETED = '<p class="notice" role="status">Your account was deleted, and all its sessions and tokens ended.'

    @pytest.mark.parametrize(
        ("path", "form", "message"),
        [("/logout", {}, SIGNED_OUT), ("/account/delete", {"password": PASSWORD}, DELETED)],
        ids=["signed out", "account deleted"],
    )
    def test_the_next_page_says_so_and_only_that_one(
        self, sign_in: Callable[..., Person], path: str, form: dict[str, str], message: str
    ) -> None:
        client = sign_in("alice").client
        response = client.post(path, headers=PAGE, data=form)
        assert (response.status_code, response.location) == (303, "/")
        assert client.get_cookie(COOKIE) is not None
        assert [client.get("/", headers=PAGE).text.count(message) for _ in range(2)] == [1, 0]
        assert client.get_cookie(COOKIE) is None

    @pytest.mark.parametrize("query", ["signed_out", "deleted=", "done=SIGNED_OUT", "daypass-message=DELETED"])
    def test_no_link_says_so(self, app: Flask, sign_in: Callable[..., Person], query: str) -> None:
        for client in (app.test_client(), sign_in("alice").client):
            page = client.get(f"/?{query}", headers=PAGE).text
            assert (self.SIGNED_OUT in page, self.DELETED in page) == (False, False)

    def test_a_visitor_who_is_signed_in_is_not_told(self, sign_in: Callable[..., Person]) -> None:
        alice = sign_in("alice")
        alice.client.set_cookie(COOKIE, "SIGNED_OUT")
        assert self.SIGNED_OUT not in alice.client.get("/", headers=PAGE).text

    @pytest.mark.parametrize("value", ["", "signed_out", "__class__", "You are an administrator", "A" * 4000])
    def test_another_value_of_the_cookie_says_nothing_and_is_deleted(self, client: FlaskClient, value: str) -> None:
        client.set_cookie(COOKIE, value)
        page = client.get("/", headers=PAGE)
        assert (page.status_code, 'role="status"' in page.text, client.get_cookie(COOKIE)) == (200, False, None)

    def test_it_is_for_this_browser_alone_and_lasts_a_minute(self, sign_in: Callable[..., Person]) -> None:
        response = sign_in("alice").client.post("/logout", headers=PAGE)
        (cookie,) = [line for line in response.headers.getlist("Set-Cookie") if line.startswith(f"{COOKIE}=")]
        assert {"HttpOnly", "SameSite=Lax", "Max-Age=60", "Path=/"} <= set(cookie.split("; "))
        assert "Domain" not in cookie

    def test_a_program_gets_no_cookie(self, app: Flask, client: FlaskClient, sign_in: Callable[..., Person]) -> None:
        alice = sign_in("alice")
        _, token = new_api_token(app, alice.claims.subject)
        for headers in (PAGE | bearer_header(token), alice.bearer_header):
            cookies = client.post("/logout", headers=headers).headers.getlist("Set-Cookie")
            assert not any(COOKIE in line for line in cookies)
