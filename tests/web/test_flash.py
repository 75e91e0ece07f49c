"""Messages about an act that was just done."""

import json
import time
from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask

from daypass.keys.encryption import fernet
from daypass.web.context import current_runtime
from daypass.web.flash import PARAMETER, PURPOSE, redirect_with_message
from tests.conftest import PAGE, Person

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
