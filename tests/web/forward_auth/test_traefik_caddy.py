"""Traefik and Caddy pass the response on to the visitor, unless it is a 2xx."""

from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

import pytest
from flask.testing import FlaskClient

from tests.conftest import PAGE, Person
from tests.web.forward_auth.proxy_checks import APP, FORWARD, LOGIN, NAVIGATION, cookie_header

SIGN_IN = f"https://{LOGIN}/login"


@pytest.mark.parametrize("headers", [NAVIGATION, {"Accept": "text/html"}, {"Sec-Fetch-Mode": "navigate"}], ids=str)
def test_a_browser_is_sent_to_sign_in(client: FlaskClient, headers: dict[str, str]) -> None:
    response = FORWARD.check(client, "/x", headers)
    assert (response.status_code, response.location) == (302, f"{SIGN_IN}?next=https://{APP}/x")


@pytest.mark.parametrize("headers", [{}, {"Accept": "*/*"}, {"Accept": "text/html", "Sec-Fetch-Mode": "cors"}], ids=str)
def test_a_script_or_program_gets_a_problem(client: FlaskClient, headers: dict[str, str]) -> None:
    response = FORWARD.check(client, "/x", headers)
    assert (response.status_code, response.mimetype) == (401, "application/problem+json")
    assert response.headers["WWW-Authenticate"] == 'Bearer realm="Daypass"'


@pytest.mark.parametrize(
    ("page", "return_to"),
    [
        ({"target": "/a?b=c&d=e%26f&next=//evil.example"}, f"https://{APP}/a?b=c&d=e%26f&next=//evil.example"),
        ({"target": "/%C3%BC%20x"}, f"https://{APP}/%C3%BC%20x"),
        ({"target": "/x", "host": "APP.Example.org.:443"}, f"https://{APP}/x"),
        ({"target": "/x", "host": "nas.example.org:8443"}, "https://nas.example.org:8443/x"),
        ({"target": "/x", "host": "far.example", "method": "HEAD"}, "https://far.example/x"),
        ({"target": "/x", "scheme": "wss"}, f"https://{APP}/x"),
        ({"target": "/x", "host": f"{APP}:8443"}, None),  # a port that the rules do not name with this host
        ({"target": "/x", "scheme": "http"}, None),  # the browser would not send the cookie there
        ({"target": "/x", "method": "POST"}, None),
        ({"target": "/x?\xfc"}, None),
        ({"target": "/" + "x" * 3000}, None),
    ],
    ids=lambda value: str(value)[:60],
)
def test_the_return_url_is_the_requested_page(client: FlaskClient, page: dict[str, str], return_to: str | None) -> None:
    response = FORWARD.check(client, extra=NAVIGATION, **page)
    assert response.status_code == 302
    assert response.location.partition("?")[0] == SIGN_IN
    assert parse_qs(urlsplit(response.location).query) == ({} if return_to is None else {"next": [return_to]})


def test_a_visitor_without_access_gets_a_page_without_assets(
    client: FlaskClient, sign_in: Callable[..., Person]
) -> None:
    response = FORWARD.check(client, "/staff", NAVIGATION | cookie_header(sign_in("alice")))
    assert (response.status_code, response.mimetype) == (403, "text/html")
    assert "<dd>alice</dd>" in response.text
    assert f'href="https://{LOGIN}/account"' in response.text
    for reference in ("<link", "<script", "<img", "style=", 'href="/', "src="):
        assert reference not in response.text


def test_an_unknown_host_is_refused_with_that_page_too(client: FlaskClient) -> None:
    response = FORWARD.check(client, "/x", NAVIGATION, host="<b>.example")
    assert (response.status_code, response.mimetype) == (403, "text/html")
    assert "Signed in" not in response.text and "<b>" not in response.text


class TestBesideASite:
    """With a site, Daypass's own pages are under a prefix."""

    @pytest.fixture
    def environ(self, environ: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
        folder = tmp_path_factory.mktemp("site")
        (folder / "gate").mkdir()
        (folder / "gate" / "nginx.html").write_text("site")
        with open(environ["DAYPASS_RULES"], "a") as rules:
            rules.write(f'\n[[rule]]\nhost = "{LOGIN}"\nallow = "signed-in"\n')
        return environ | {"DAYPASS_SITE": str(folder)}

    def test_the_sign_in_page_is_under_the_prefix(self, client: FlaskClient) -> None:
        assert FORWARD.check(client, "/x", NAVIGATION).location.startswith(f"https://{LOGIN}/-/login?next=")

    def test_files_of_the_site_are_served_only_under_our_own_host(
        self, client: FlaskClient, sign_in: Callable[..., Person]
    ) -> None:
        headers = PAGE | cookie_header(sign_in("alice"))
        own = client.get("/gate/nginx.html", base_url=f"https://{LOGIN}", headers=headers)
        assert own.text == "site"
        own.close()
        assert client.get("/gate/nginx.html", base_url="https://evil.example", headers=headers).status_code == 400
