"""Traefik and Caddy: a browser that navigates is sent to sign in; what is no 2xx reaches the visitor as it is."""

from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

import pytest
from flask.testing import FlaskClient

from tests.conftest import PAGE, Person
from tests.web.forward_auth.proxy_checks import APP, FORWARD, LOGIN, NAVIGATING, cookie

SIGN_IN = f"https://{LOGIN}/login"


@pytest.mark.parametrize("headers", [NAVIGATING, {"Accept": "text/html"}, {"Sec-Fetch-Mode": "navigate"}], ids=str)
def test_a_browser_is_sent_to_sign_in(client: FlaskClient, headers: dict[str, str]) -> None:
    answer = FORWARD.ask(client, "/x", headers)
    assert (answer.status_code, answer.location) == (302, f"{SIGN_IN}?next=https://{APP}/x")


@pytest.mark.parametrize("headers", [{}, {"Accept": "*/*"}, {"Accept": "text/html", "Sec-Fetch-Mode": "cors"}], ids=str)
def test_a_script_or_program_gets_a_problem(client: FlaskClient, headers: dict[str, str]) -> None:
    answer = FORWARD.ask(client, "/x", headers)
    assert (answer.status_code, answer.mimetype) == (401, "application/problem+json")
    assert answer.headers["WWW-Authenticate"] == 'Bearer realm="Daypass"'


@pytest.mark.parametrize(
    ("asked", "back"),
    [
        ({"target": "/a?b=c&d=e%26f&next=//evil.example"}, f"https://{APP}/a?b=c&d=e%26f&next=//evil.example"),
        ({"target": "/%C3%BC%20x"}, f"https://{APP}/%C3%BC%20x"),
        ({"target": "/x", "host": "APP.Example.org.:443"}, f"https://{APP}/x"),
        ({"target": "/x", "host": "nas.example.org:8443"}, "https://nas.example.org:8443/x"),
        ({"target": "/x", "host": "far.example", "method": "HEAD"}, "https://far.example/x"),
        ({"target": "/x", "scheme": "wss"}, f"https://{APP}/x"),
        ({"target": "/x", "host": f"{APP}:8443"}, None),  # a port that the rules do not name with this host
        ({"target": "/x", "scheme": "http"}, None),  # the cookie would not be sent there
        ({"target": "/x", "method": "POST"}, None),
        ({"target": "/x?\xfc"}, None),
        ({"target": "/" + "x" * 3000}, None),
    ],
    ids=lambda value: str(value)[:60],
)
def test_the_way_back_is_the_page_that_was_asked_for(
    client: FlaskClient, asked: dict[str, str], back: str | None
) -> None:
    answer = FORWARD.ask(client, extra=NAVIGATING, **asked)
    assert answer.status_code == 302
    assert answer.location.partition("?")[0] == SIGN_IN
    assert parse_qs(urlsplit(answer.location).query) == ({} if back is None else {"next": [back]})


def test_who_may_not_see_a_page_gets_a_small_one_that_needs_nothing_else(
    client: FlaskClient, sign_in: Callable[..., Person]
) -> None:
    answer = FORWARD.ask(client, "/staff", NAVIGATING | cookie(sign_in("alice")))
    assert (answer.status_code, answer.mimetype) == (403, "text/html")
    assert "signed in as alice" in answer.text
    assert f'href="https://{LOGIN}/account"' in answer.text
    for reference in ("<link", "<script", "<img", 'href="/', "src="):
        assert reference not in answer.text


def test_who_is_refused_like_everybody_gets_that_page_too(client: FlaskClient) -> None:
    answer = FORWARD.ask(client, "/x", NAVIGATING, host="<b>.example")
    assert (answer.status_code, answer.mimetype) == (403, "text/html")
    assert "signed in" not in answer.text and "<b>" not in answer.text


class TestBesideASite:
    """Where Daypass's own pages live under a prefix."""

    @pytest.fixture
    def environ(self, environ: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
        folder = tmp_path_factory.mktemp("site")
        (folder / "gate").mkdir()
        (folder / "gate" / "nginx.html").write_text("site")
        with open(environ["DAYPASS_RULES"], "a") as rules:
            rules.write(f'\n[[rule]]\nhost = "{LOGIN}"\nallow = "signed-in"\n')
        return environ | {"DAYPASS_SITE": str(folder)}

    def test_the_sign_in_page_is_where_it_lives(self, client: FlaskClient) -> None:
        assert FORWARD.ask(client, "/x", NAVIGATING).location.startswith(f"https://{LOGIN}/-/login?next=")

    def test_the_sites_own_files_beside_it_are_served_under_our_name_alone(
        self, client: FlaskClient, sign_in: Callable[..., Person]
    ) -> None:
        headers = PAGE | cookie(sign_in("alice"))
        own = client.get("/gate/nginx.html", base_url=f"https://{LOGIN}", headers=headers)
        assert own.text == "site"
        own.close()
        assert client.get("/gate/nginx.html", base_url="https://evil.example", headers=headers).status_code == 400
