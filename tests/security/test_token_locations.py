"""Valid tokens in the wrong place, several tokens, and spoofed headers."""

import pytest

from tests.security.forging import MISSING
from tests.security.target_app import PROGRAM, TargetApp, as_bearer, as_cookie, difference

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
ODD_PATHS = (  # decoded, as a server passes them on
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
def test_a_token_in_another_cookie_does_not_count(target_app: TargetApp) -> None:
    for name in OTHER_COOKIES:
        response = target_app.get({"HTTP_COOKIE": f"{name}={target_app.target.token}"})
        assert (name, difference(response, MISSING)) == (name, None)


@pytest.mark.row(61)
def test_a_token_in_another_header_does_not_count(target_app: TargetApp) -> None:
    for name in OTHER_HEADERS:
        for value in (target_app.target.token, f"Bearer {target_app.target.token}"):
            assert (name, difference(target_app.get({f"HTTP_{name}": value}), MISSING)) == (name, None)


@pytest.mark.row(61)
def test_a_token_under_another_scheme_does_not_count(target_app: TargetApp) -> None:
    for scheme in OTHER_SCHEMES:
        response = target_app.get({"HTTP_AUTHORIZATION": f"{scheme} {target_app.target.token}"})
        assert (scheme, difference(response, MISSING)) == (scheme, None)


@pytest.mark.row(60)
def test_a_token_in_query_path_or_body_does_not_count(target_app: TargetApp) -> None:
    token, client = target_app.target.token, target_app.app.test_client(use_cookies=False)
    for name in ("token", "access_token", "jwt", "daypass", "Authorization"):
        assert difference(target_app.get({}, path=f"/members?{name}={token}"), MISSING) is None
        for body in ({"data": {name: token}}, {"json": {name: token}}):
            read = client.get("/members", headers=PROGRAM, **body)
            changed = client.post("/account/password", headers=PROGRAM, **body)
            assert (difference(read, MISSING), difference(changed, MISSING)) == (None, None)
    assert target_app.get({}, path=f"/members/{token}").status_code == 404


@pytest.mark.row(61)
def test_of_two_cookies_the_first_counts(target_app: TargetApp) -> None:
    valid, forged = target_app.target.token, target_app.target.with_signature(bytes(64))
    assert target_app.get({"HTTP_COOKIE": f"daypass={valid}; daypass={forged}"}).status_code == 200
    assert difference(target_app.get({"HTTP_COOKIE": f"daypass={forged}; daypass={valid}"})) is None
    assert difference(target_app.get({"HTTP_COOKIE": f"daypass=; daypass={valid}"})) is None


@pytest.mark.row(61)
def test_the_bearer_token_takes_precedence_over_a_cookie(target_app: TargetApp) -> None:
    valid, forged = target_app.target.token, target_app.target.with_signature(bytes(64))
    assert target_app.get(as_bearer(valid) | as_cookie(forged)).status_code == 200
    assert difference(target_app.get(as_bearer(forged) | as_cookie(valid))) is None
    assert difference(target_app.get(as_bearer("") | as_cookie(valid))) is None
    assert difference(target_app.get({"HTTP_AUTHORIZATION": "Bearer"} | as_cookie(valid))) is None


@pytest.mark.row(61)
def test_two_bearer_tokens_are_refused(target_app: TargetApp) -> None:
    valid, forged = target_app.target.token, target_app.target.with_signature(bytes(64))
    for first, second in ((valid, forged), (forged, valid), (valid, valid)):
        for between in (",", ", ", ", Bearer ", " ", "; "):
            assert difference(target_app.get({"HTTP_AUTHORIZATION": f"Bearer {first}{between}{second}"})) is None


@pytest.mark.row(62)
def test_headers_that_only_proxies_set_let_nobody_in(target_app: TargetApp) -> None:
    for name, value in SPOOFED.items():
        assert (name, difference(target_app.get({name: value}), MISSING)) == (name, None)
    assert difference(target_app.get(SPOOFED), MISSING) is None


@pytest.mark.row(62)
def test_odd_paths_and_methods_let_nobody_in(target_app: TargetApp) -> None:
    page = target_app.get(as_cookie(target_app.target.token)).text
    client = target_app.app.test_client(use_cookies=False)
    for path in ODD_PATHS:
        response = client.get("/", headers=PROGRAM, environ_overrides={"PATH_INFO": path})
        assert response.status_code in (308, 401, 404), path
        assert page not in response.text
    for method in ("HEAD", "POST", "PUT", "PATCH", "DELETE", "TRACE", "PROPFIND", "get", "GETT"):
        assert client.open("/members", method=method, headers=PROGRAM).status_code in (401, 405), method
    assert client.options("/members").text == ""
