"""nginx: a 401 tells a browser that navigates where to sign in."""

import pytest
from flask.testing import FlaskClient

from tests.web.forward_auth.proxy_checks import APP, LOGIN, NAVIGATION, NGINX

SIGN_IN = f"https://{LOGIN}/login"


@pytest.mark.parametrize("headers", [NAVIGATION, {"Accept": "text/html"}, {"Sec-Fetch-Mode": "navigate"}], ids=str)
def test_a_browser_is_told_where_to_sign_in(client: FlaskClient, headers: dict[str, str]) -> None:
    response = NGINX.check(client, "/x", headers)
    assert (response.status_code, response.location) == (401, f"{SIGN_IN}?next=https://{APP}/x")
    assert response.headers["WWW-Authenticate"] == 'Bearer realm="Daypass"'
    assert response.data == b""


@pytest.mark.parametrize(
    "headers",
    [{}, {"Accept": "*/*"}, {"Accept": "application/json"}, {"Accept": "text/html", "Sec-Fetch-Mode": "cors"},
     {"Accept": "text/html", "Sec-Fetch-Mode": "websocket"}],
    ids=str,
)  # fmt: skip
def test_a_script_or_program_gets_only_a_401(client: FlaskClient, headers: dict[str, str]) -> None:
    response = NGINX.check(client, "/x", headers)
    assert (response.status_code, response.headers.get("Location")) == (401, None)


@pytest.mark.parametrize("target", ["/public", "/x", "/staff", "/../x"])
def test_every_response_has_a_status_that_nginx_understands(client: FlaskClient, target: str) -> None:
    for headers in ({}, NAVIGATION, {"Cookie": "__Secure-daypass=a.b.c"}, {"Authorization": "Bearer"}):
        assert NGINX.check(client, target, headers).status_code in (200, 401, 403)
