"""Rows 60 to 62: good tokens where none is looked for, two of them at once, and no token but a story."""

import pytest

from tests.security.forging import MISSING
from tests.security.target_app import PROGRAM, World, as_bearer, as_cookie, difference

OTHER_COOKIES = (
    *("session", "token", "jwt", "access_token", "Daypass", "DAYPASS", "daypass2", "xdaypass", "daypass.0"),
    *("__Host-daypass", "__Secure-daypass", "__host-daypass", "$daypass", "daypass[]", ""),
)
OTHER_HEADERS = (
    *("X_AUTHORIZATION", "PROXY_AUTHORIZATION", "X_FORWARDED_AUTHORIZATION", "AUTHENTICATION", "X_ACCESS_TOKEN"),
    *("X_API_KEY", "X_AUTH_TOKEN", "TOKEN", "COOKIE2", "X_DAYPASS", "DAYPASS", "SET_COOKIE"),
)
OTHER_SCHEMES = ("Basic", "Token", "JWT", "DPoP", "MAC", "Digest", "Negotiate", "Bearer:", "Bearer=", "Bearertoken", "")
SPOOFED = {
    "HTTP_X_FORWARDED_USER": "alice",
    "HTTP_X_REMOTE_USER": "alice",
    "HTTP_X_AUTH_REQUEST_USER": "alice",
    "HTTP_X_ORIGINAL_URL": "/",
    "HTTP_X_REWRITE_URL": "/",
    "HTTP_X_HTTP_METHOD_OVERRIDE": "OPTIONS",
    "HTTP_X_FORWARDED_FOR": "127.0.0.1",
    "HTTP_X_FORWARDED_PREFIX": "/static",
    "HTTP_FORWARDED": "for=127.0.0.1;proto=https",
    "REMOTE_USER": "alice",
}
ODD_PATHS = (  # as a server hands them over, decoded
    *(
        "//members",
        "/members/",
        "/./members",
        "/x/../members",
        "/members;x",
        "/members%2f",
        "/MEMBERS",
        "/members/x.css",
    ),
    *("/static/../members", "/static/%2e%2e/members", "/members\0", "/members\n", "/members.", "/members ", "members"),
)


@pytest.mark.row(61)
def test_a_token_in_another_cookie_does_not_count(world: World) -> None:
    for name in OTHER_COOKIES:
        answer = world.get({"HTTP_COOKIE": f"{name}={world.target.token}"})
        assert (name, difference(answer, MISSING)) == (name, None)


@pytest.mark.row(61)
def test_a_token_in_another_header_does_not_count(world: World) -> None:
    for name in OTHER_HEADERS:
        for value in (world.target.token, f"Bearer {world.target.token}"):
            assert (name, difference(world.get({f"HTTP_{name}": value}), MISSING)) == (name, None)


@pytest.mark.row(61)
def test_a_token_under_another_scheme_does_not_count(world: World) -> None:
    for scheme in OTHER_SCHEMES:
        answer = world.get({"HTTP_AUTHORIZATION": f"{scheme} {world.target.token}"})
        assert (scheme, difference(answer, MISSING)) == (scheme, None)


@pytest.mark.row(60)
def test_a_token_in_query_path_or_body_does_not_count(world: World) -> None:
    token, client = world.target.token, world.app.test_client(use_cookies=False)
    for name in ("token", "access_token", "jwt", "daypass", "Authorization"):
        assert difference(world.get({}, path=f"/members?{name}={token}"), MISSING) is None
        for body in ({"data": {name: token}}, {"json": {name: token}}):
            read = client.get("/members", headers=PROGRAM, **body)
            changed = client.post("/account/password", headers=PROGRAM, **body)
            assert (difference(read, MISSING), difference(changed, MISSING)) == (None, None)
    assert world.get({}, path=f"/members/{token}").status_code == 404


@pytest.mark.row(61)
def test_of_two_cookies_the_first_counts(world: World) -> None:
    good, bad = world.target.token, world.target.with_signature(bytes(64))
    assert world.get({"HTTP_COOKIE": f"daypass={good}; daypass={bad}"}).status_code == 200
    assert difference(world.get({"HTTP_COOKIE": f"daypass={bad}; daypass={good}"})) is None
    assert difference(world.get({"HTTP_COOKIE": f"daypass=; daypass={good}"})) is None


@pytest.mark.row(61)
def test_the_bearer_token_decides_where_a_cookie_is_there_too(world: World) -> None:
    good, bad = world.target.token, world.target.with_signature(bytes(64))
    assert world.get(as_bearer(good) | as_cookie(bad)).status_code == 200
    assert difference(world.get(as_bearer(bad) | as_cookie(good))) is None
    assert difference(world.get(as_bearer("") | as_cookie(good))) is None
    assert difference(world.get({"HTTP_AUTHORIZATION": "Bearer"} | as_cookie(good))) is None


@pytest.mark.row(61)
def test_two_bearer_tokens_are_none(world: World) -> None:
    good, bad = world.target.token, world.target.with_signature(bytes(64))
    for first, second in ((good, bad), (bad, good), (good, good)):
        for between in (",", ", ", ", Bearer ", " ", "; "):
            assert difference(world.get({"HTTP_AUTHORIZATION": f"Bearer {first}{between}{second}"})) is None


@pytest.mark.row(62)
def test_headers_that_only_proxies_set_let_nobody_in(world: World) -> None:
    for name, value in SPOOFED.items():
        assert (name, difference(world.get({name: value}), MISSING)) == (name, None)
    assert difference(world.get(SPOOFED), MISSING) is None


@pytest.mark.row(62)
def test_odd_paths_and_methods_let_nobody_in(world: World) -> None:
    shown = world.get(as_cookie(world.target.token)).text
    client = world.app.test_client(use_cookies=False)
    for path in ODD_PATHS:
        answer = client.get("/", headers=PROGRAM, environ_overrides={"PATH_INFO": path})
        assert answer.status_code in (308, 401, 404), path
        assert shown not in answer.text
    for method in ("HEAD", "POST", "PUT", "PATCH", "DELETE", "TRACE", "PROPFIND", "get", "GETT"):
        assert client.open("/members", method=method, headers=PROGRAM).status_code in (401, 405), method
    assert client.options("/members").text == ""
