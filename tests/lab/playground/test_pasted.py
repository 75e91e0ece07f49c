"""Pasted texts: the token is found in whatever it is wrapped in."""

import pytest

from daypass.lab.playground.pasted import Pasted, token_in
from tests.lab.playground.shortcuts import encode_token

TOKEN = encode_token()
HEADER, PAYLOAD, SIGNATURE = TOKEN.split(".")


@pytest.mark.parametrize(
    ("text", "source"),
    [
        (TOKEN, ""),
        (f"  \n{TOKEN}\r\n", ""),
        (f'"{TOKEN}"', ""),
        (f"'{TOKEN}',", ""),
        (f"\u201c{TOKEN}\u201d", ""),
        (f"`{TOKEN}`;", ""),
        (f"{HEADER}.\n{PAYLOAD}\n.{SIGNATURE}", ""),
        (f"{TOKEN[:40]}\r\n  {TOKEN[40:80]}\r\n  {TOKEN[80:]}", ""),
        (f"Bearer {TOKEN}", "an Authorization header"),
        (f"bearer   {TOKEN} ", "an Authorization header"),
        (f"Authorization: Bearer {TOKEN}", "an Authorization header"),
        (f"authorization:Bearer {TOKEN}\r\nAccept: */*", "an Authorization header"),
        (f'"Authorization": "Bearer {TOKEN}"', "an Authorization header"),
        (f"Proxy-Authorization: Bearer {TOKEN}", "an Authorization header"),
        (f"Cookie: theme=dark; daypass={TOKEN}; lang=en", "a Cookie header"),
        (f"Set-Cookie: __Host-daypass={TOKEN}; Path=/; HttpOnly; SameSite=Lax", "a Set-Cookie header"),
        (f"daypass={TOKEN}", "a cookie"),
        (f"__Host-daypass={TOKEN}; Path=/", "a cookie"),
        (f"https://www.example.org/reset?token={TOKEN}&lang=en", "a URL"),
        (f'{{"token": "{TOKEN}", "expires": 1}}', "JSON"),
        (f"curl -H 'Authorization: Bearer {TOKEN}' https://www.example.org/a.b.c", "a curl command"),
        (f'$ curl https://api.example.org/ --cookie "daypass={TOKEN}"', "a curl command"),
        (f"curl.exe \\\n  -b daypass={TOKEN} \\\n  https://a.example.org/", "a curl command"),
    ],
)
def test_the_token_is_found_in_what_was_pasted(text: str, source: str) -> None:
    assert token_in(text) == Pasted(TOKEN, source)


@pytest.mark.parametrize(
    "text", ["", "a.b.c", "..", "not a token", "x" * 100, "ey", "a\nb c", "=", "Cookies are good", "curler x", "é.ü.x"]
)
def test_another_text_stays_as_it_is(text: str) -> None:
    assert token_in(text) == Pasted(text)


@pytest.mark.parametrize("text", ["curl https://example.org", "Cookie: a=b", "Authorization: Basic YTpi"])
def test_a_wrapping_without_a_token_stays_as_it_is(text: str) -> None:
    assert token_in(text) == Pasted(text)


def test_an_opaque_bearer_token_is_found_too() -> None:
    assert token_in("Authorization: Bearer 0123abc").text == "0123abc"


def test_the_first_of_several_tokens_is_taken() -> None:
    assert token_in(f"Cookie: a={TOKEN}; b=ey.ey.x").text == TOKEN


def test_a_token_without_a_signature_and_an_encrypted_one_are_found() -> None:
    assert token_in(f"Bearer {HEADER}.{PAYLOAD}.").text == f"{HEADER}.{PAYLOAD}."
    assert token_in("Cookie: a=eyJ.b.c.d.e; x=y").text == "eyJ.b.c.d.e"
