"""The Cookie header that the app gets to see."""

import pytest

from daypass.web.cookie_header import MAX_COOKIE_BYTES, TOO_LONG, CookieFilter

TOKEN = "eyJhbGciOiJIUzI1NiJ9.e30.c2ln"


def passed_on(header: str) -> tuple[str, bool]:
    """The cookie header as the app gets it, and whether it was too long."""
    found = []

    def app(environ: dict[str, object], start_response: object) -> list[bytes]:
        found.append((str(environ["HTTP_COOKIE"]), TOO_LONG in environ))
        return []

    CookieFilter(app, "daypass", "daypass-device")({"HTTP_COOKIE": header}, None)  # type: ignore[arg-type]
    return found[0]


@pytest.mark.parametrize(
    ("header", "left"),
    [
        (f"daypass={TOKEN}", f"daypass={TOKEN}"),
        (f"a=b; daypass={TOKEN}; theme=dark", f"daypass={TOKEN}"),
        (f" daypass = {TOKEN} ;a=b", f"daypass={TOKEN}"),
        (f"daypass={TOKEN}; daypass=other", f"daypass={TOKEN}"),
        (f"daypass={TOKEN}; daypass-device=a.b.c", f"daypass={TOKEN}; daypass-device=a.b.c"),
        (f"daypass-device=a.b.c; daypass={TOKEN}", f"daypass-device=a.b.c; daypass={TOKEN}"),
        (f"daypass={TOKEN}; daypass-device=a.b.c; daypass=other", f"daypass={TOKEN}; daypass-device=a.b.c"),
        (f"Daypass={TOKEN}", ""),
        (f"daypass-device=a.b.c; a=b; daypass={TOKEN}", f"daypass={TOKEN}; daypass-device=a.b.c"),
        ("daypass-device=a.b.c; daypass-devices=x", "daypass-device=a.b.c"),
        ("daypass-device=a.b.c; daypass-device=d", "daypass-device=a.b.c"),
        (f"daypass={TOKEN};daypass-device=a.b.c", f"daypass={TOKEN}; daypass-device=a.b.c"),
        ("a=b; theme=dark", ""),
        ('a="; daypass=x; b="', "daypass=x"),
        ("a=" + " " * 4_000 + '"', ""),
        ("daypass", ""),
        ("", ""),
    ],
)
def test_only_our_own_cookie_is_passed_on(header: str, left: str) -> None:
    assert passed_on(header) == (left, False)


@pytest.mark.parametrize("value", ['"quoted"', "a b", "caf\xe9", "a,b", '"' + " " * 4_000 + '"'])
def test_a_value_that_cannot_be_a_token_is_not_passed_on(value: str) -> None:
    """A placeholder remains, since no cookie at all gets another message."""
    assert passed_on(f"daypass={value}") == ("daypass=!", False)


def test_a_header_over_8_kib_is_dropped_and_marked() -> None:
    assert passed_on(f"daypass={TOKEN}; a={'b' * MAX_COOKIE_BYTES}") == ("", True)
