"""Known attacks on reverse proxies that check authorization, against each proxy.

None may succeed.

An attack succeeds if the app behind is asked, or a file of the folder is shown, without permission.
"""

import json

import pytest

from tests.helpers.server import Response
from tests.integration.proxies.deployment import APP, DOCS, FILES, NAVIGATING, SCRIPT, Deployment, cookie, identity
from tests.integration.proxies.raw_http import HANDSHAKE, Headers, request_bytes
from tests.integration.proxies.reverse_proxies import LOGIN

PUBLIC_HOST = "www.example.org"  # public by the rules, but served by none of the proxies
FOREIGN_ADDRESS = "203.0.113.7"  # an address of no client here (RFC 5737)
SPOOFED_LOCATION = [
    ("X-Original-URL", f"https://{PUBLIC_HOST}/public/"),
    ("X-Original-Method", "GET"),
    ("X-Original-Host", PUBLIC_HOST),
    ("X-Forwarded-Uri", "/public/"),
    ("X-Forwarded-Host", PUBLIC_HOST),
    ("X-Forwarded-Proto", "https"),
    ("X-Forwarded-Method", "GET"),
    ("X-Rewrite-Url", "/public/"),
]
SPOOFED_ALIASES = [(name.replace("-", "_"), value) for name, value in SPOOFED_LOCATION]


def assert_blocked(deployment: Deployment, request: bytes, sni: str = APP) -> Response:
    """Send these bytes; the app must not be asked, and no protected file shown."""
    before = len(deployment.app.seen)
    response = deployment.send(request, sni)
    assert len(deployment.app.seen) == before, (deployment.app.seen[-1], response)
    assert not any(FILES[name] in response.body for name in ("index.html", "staff/wages.html"))
    return response


def request_to(
    deployment: Deployment, target: str, headers: Headers = (), host: str = APP, method: str = "GET"
) -> bytes:
    """A request for this target with the correct host."""
    return request_bytes(method, target, [("Host", f"{host}:{deployment.port}"), *headers])


@pytest.mark.parametrize(
    "headers",
    [SPOOFED_LOCATION, SPOOFED_ALIASES, [*SPOOFED_LOCATION, *SPOOFED_ALIASES]],
    ids=["named", "aliased", "both"],
)
@pytest.mark.parametrize(("host", "target"), [(APP, "/"), (DOCS, "/"), (APP, "/staff/"), (DOCS, "/staff/wages.html")])
def test_1_headers_that_name_another_page_are_ignored(
    deployment: Deployment, bob: str, host: str, target: str, headers: Headers
) -> None:
    assert_blocked(deployment, request_to(deployment, target, headers, host))
    if target != "/":
        response = assert_blocked(deployment, request_to(deployment, target, [*headers, *cookie(bob)], host))
        assert response.status == 403


@pytest.mark.parametrize("gate", ["nginx", "forward"])
def test_2_the_check_responds_only_to_the_proxy(deployment: Deployment, alice: str, gate: str) -> None:
    page = [*SPOOFED_LOCATION, *cookie(alice)]
    assert deployment.direct(f"/gate/{gate}", page, source="127.0.0.1").status == 200
    refused = deployment.direct(f"/gate/{gate}", page, source="127.0.0.2")
    assert refused.status in (403, 404)
    assert "Remote-User" not in refused.headers


@pytest.mark.parametrize("gate", ["nginx", "forward"])
@pytest.mark.parametrize(
    "spelling",
    ["/gate/{}", "//gate/{}", "/./gate/{}", "/gate%2f{}", "/%67ate/{}", "/x/../gate/{}", "/gate/./{}", "/gate//{}"],
)
def test_2_no_spelling_reaches_the_check_through_the_proxy(
    deployment: Deployment, alice: str, gate: str, spelling: str
) -> None:
    target = spelling.format(gate)
    for headers in (SPOOFED_LOCATION, [*SPOOFED_LOCATION, ("X-Forwarded-For", "127.0.0.1")], SPOOFED_ALIASES):
        response = assert_blocked(deployment, request_to(deployment, target, [*headers, *cookie(alice)], LOGIN), LOGIN)
        assert response.status >= 300
        assert "Remote-User" not in response.headers


@pytest.mark.parametrize("scheme", ["https", "http"])
@pytest.mark.parametrize("other", [APP, DOCS, LOGIN, PUBLIC_HOST, "evil.example"])
def test_3_an_absolute_request_line_is_checked_as_it_is_served(
    deployment: Deployment, bob: str, scheme: str, other: str
) -> None:
    for host, target in ((APP, "/staff/"), (DOCS, "/staff/wages.html"), (APP, "/")):
        line = f"{scheme}://{host}:{deployment.port}{target}"
        signed_in = cookie(bob) if target != "/" else []
        assert_blocked(deployment, request_bytes("GET", line, [("Host", other), *signed_in]))
        line = f"{scheme}://{other}:{deployment.port}{target}"
        assert_blocked(deployment, request_bytes("GET", line, [("Host", f"{host}:{deployment.port}"), *signed_in]))


@pytest.mark.parametrize("of_app", ["APP.example.org", "app.example.org.", "app.example.org:1", "App.Example.Org.:443"])
def test_4_a_host_in_another_spelling_has_the_same_rules(deployment: Deployment, bob: str, of_app: str) -> None:
    assert_blocked(deployment, request_bytes("GET", "/", [("Host", of_app), *NAVIGATING]))
    assert_blocked(deployment, request_bytes("GET", "/staff/", [("Host", of_app), *cookie(bob)]))


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "127.0.0.1",
        "localhost",
        "app.example.org.evil.example",
        "evil.app.example.org",
        "app.example.org..",
        "app.example.org@evil.example",
        "evil.example, app.example.org",
        "app.example.org,login.example.org",
        "app.example.org/public",
        "app.example.org\t",
        "app.example.org:x",
        "app.example.org#",
        "",
    ],
)
def test_4_an_unknown_host_is_refused(deployment: Deployment, host: str) -> None:
    for target in ("/", "/staff/"):
        assert_blocked(deployment, request_bytes("GET", target, [("Host", host)]))


@pytest.mark.parametrize(
    "target",
    [
        "/staff/?/public/",
        "/staff/?x=/../public/",
        "/staff/#/public/",
        "/staff/%23/public/",
        "/staff/%3f/public/",
        "/staff/?#/public/",
        "/staff/x?/../../public/",
        "/?path=/public/",
        "/#/public/",
        "/%23/public/",
        "/%3F/public/",
    ],
)
def test_5_only_the_decoded_path_decides(deployment: Deployment, bob: str, target: str) -> None:
    for host in (APP, DOCS):
        assert_blocked(deployment, request_to(deployment, target, host=host))
        if target.startswith("/staff"):
            assert_blocked(deployment, request_to(deployment, target, cookie(bob), host))


AMBIGUOUS_PATHS = [
    "/public/../{}",
    "/public/..%2f{}",
    "/public/%2e%2e/{}",
    "/public/%2e%2e%2f{}",
    "/public/.%2e/{}",
    "/public/%252e%252e/{}",
    "/public/..\\{}",
    "/public\\..\\{}",
    "/public/..%5c{}",
    "/public/..;/{}",
    "/public;/../{}",
    "/public/;/../../{}",
    "/public/..%3b/{}",
    "/public/..%00/{}",
    "/public/%00/../../{}",
    "/public//../{}",
    "/public/...//../../{}",
    "/public/x/../../{}",
    "//{}",
    "/./{}",
    "/.//{}",
    "/%2e/{}",
    "/%2f{}",
    "/public%2f..%2f{}",
    "/public/%c0%ae%c0%ae/{}",
    "/public/\xc0\xae\xc0\xae/{}",
    "/public/.. /{}",
    "/public/%2e%2e%20/{}",
    "/public/..%09/{}",
    "/public/\t../{}",
    "/public/..%ff/{}",
    "/public/x%2f{}",
    "/public/x%5c{}",
    "/public/x;{}",
    "/public/%2541/{}",
    "/public./{}",
    "/public%20/{}",
    "/public/%ef%bc%8e%ef%bc%8e/{}",
    "/public%ef%bc%8f{}",
    "/public%ef%bc%9b{}",
    "/public%cd%be{}",
]


@pytest.mark.parametrize("spelling", AMBIGUOUS_PATHS, ids=ascii)
def test_6_a_path_with_two_readings_opens_nothing(deployment: Deployment, bob: str, spelling: str) -> None:
    for host, page in ((APP, "staff/"), (DOCS, "staff/wages.html")):
        target = spelling.format(page)
        assert_blocked(deployment, request_to(deployment, target, host=host))
        assert_blocked(deployment, request_to(deployment, target, cookie(bob), host))


@pytest.mark.parametrize(
    "target",
    ["/%", "/%zz", "/staff/%", "/staff/%g0", "*", "staff/", "?", "https:///staff/", "://", "/\x7f", "/pub lic/"],
)
def test_7_an_invalid_url_is_refused(deployment: Deployment, target: str) -> None:
    assert_blocked(deployment, request_to(deployment, target))
    assert_blocked(deployment, request_to(deployment, target, host=DOCS))


IDENTITY = ("User", "Id", "Name", "Email", "Groups")


@pytest.mark.parametrize("name", ["Remote-{}", "REMOTE-{}", "remote-{}"])
def test_8_a_forged_identity_is_overwritten(deployment: Deployment, bob: str, name: str) -> None:
    forged = [(name.format(what), value) for what in IDENTITY for value in ("admin", "root")]
    assert deployment.forwarded("/", forged, token=bob).identity == identity(bob)
    assert deployment.forwarded("/public/", forged).identity == []
    assert_blocked(deployment, request_to(deployment, "/", forged))


@pytest.mark.parametrize("between", list("_.!#$%&'*+^`|~"))
def test_9_no_alias_of_an_identity_reaches_the_app(deployment: Deployment, bob: str, between: str) -> None:
    forged = [(f"Remote{between}{what}", "admin") for what in IDENTITY]
    response = deployment.request("/", forged, token=bob)
    if response.status == 200:
        assert deployment.app.seen[-1].identity == identity(bob)
    else:
        assert response.status == 400


REPEATED_HEADERS = {
    "host": [("Host", APP), ("Host", "evil.example")],
    "host, other way round": [("Host", "evil.example"), ("Host", APP)],
    "host, the same": [("Host", APP), ("Host", APP)],
    "host, with a comma": [("Host", f"{APP},{APP}")],
    "host, folded": [("Host", f"evil.example\r\n {APP}")],
    "uri": [("Host", APP), *[("X-Forwarded-Uri", "/public/")] * 2],
    "url": [("Host", APP), *[("X-Original-URL", f"https://{APP}/public/")] * 2],
    "proto": [("Host", APP), ("X-Forwarded-Proto", "https,http"), ("X-Forwarded-Proto", "http")],
    "method": [("Host", APP), ("X-Forwarded-Method", "GET, OPTIONS"), ("X-Original-Method", "GET,HEAD")],
    "lengths": [("Host", APP), ("Content-Length", "0"), ("Content-Length", "7")],
    "length and chunks": [("Host", APP), ("Content-Length", "4"), ("Transfer-Encoding", "chunked")],
}


@pytest.mark.parametrize("headers", REPEATED_HEADERS.values(), ids=REPEATED_HEADERS)
def test_10_headers_sent_twice_open_nothing(deployment: Deployment, headers: Headers) -> None:
    assert_blocked(deployment, request_bytes("GET", "/staff/", [*headers, *SPOOFED_LOCATION[3:7]]))
    assert_blocked(deployment, request_bytes("GET", "/staff/", headers))


def test_10_the_first_of_two_cookies_counts_everywhere(deployment: Deployment, bob: str) -> None:
    deployment.request("/", [*cookie(bob), *cookie("x")])
    assert_blocked(deployment, request_to(deployment, "/", [*cookie("x"), *cookie(bob)]))


HOP_BY_HOP = [
    "Cookie",
    "X-Forwarded-Uri",
    "X-Forwarded-Host",
    "X-Forwarded-Method",
    "X-Forwarded-Proto",
    "X-Original-URL",
    "Host",
    "Authorization",
    "Cookie, X-Forwarded-Uri, X-Forwarded-Host, X-Original-URL",
]


@pytest.mark.parametrize("named", HOP_BY_HOP)
def test_11_headers_named_hop_by_hop_open_nothing(deployment: Deployment, bob: str, named: str) -> None:
    headers = [("Connection", f"close, {named}"), *SPOOFED_LOCATION]
    assert_blocked(deployment, request_to(deployment, "/", headers))
    assert_blocked(deployment, request_to(deployment, "/staff/", [*headers, *cookie(bob)]))


@pytest.mark.parametrize("named", [f"Remote-{what}" for what in IDENTITY])
def test_11_hop_by_hop_identity_is_the_right_one_or_none(deployment: Deployment, bob: str, named: str) -> None:
    forged = [("Connection", f"close, {named}"), *((f"Remote-{what}", "admin") for what in IDENTITY)]
    response = deployment.request("/", forged, token=bob)
    assert response.status == 200
    assert set(deployment.app.seen[-1].identity) <= set(identity(bob))


FORGED_ADDRESS = [
    ("X-Forwarded-For", FOREIGN_ADDRESS),
    ("X-Forwarded-For", f"{FOREIGN_ADDRESS}, 127.0.0.1"),
    ("X-Real-IP", FOREIGN_ADDRESS),
    ("X_Forwarded_For", FOREIGN_ADDRESS),
    ("Forwarded", f"for={FOREIGN_ADDRESS}"),
    ("X-Client-IP", FOREIGN_ADDRESS),
]


def test_12_the_address_is_not_taken_from_the_clients_headers(deployment: Deployment) -> None:
    deployment.sign_in("bob", headers=FORGED_ADDRESS)
    token, _ = deployment.sign_in("bob", headers=FORGED_ADDRESS[3:])
    page = deployment.request("/account/sessions", [*NAVIGATING, *FORGED_ADDRESS], token=token, host=LOGIN)
    assert page.status == 200 and "127.0.0.1" in page.body
    assert FOREIGN_ADDRESS not in page.body
    deployment.request("/", FORGED_ADDRESS)
    assert FOREIGN_ADDRESS not in json.dumps(deployment.daypass.log)


@pytest.mark.parametrize(
    "headers",
    [
        [("User-Agent", "GoogleHC/1.0")],
        [("User-Agent", "kube-probe/1.27")],
        [("User-Agent", "ELB-HealthChecker/2.0")],
        [("X-Forwarded-For", "127.0.0.1"), ("X-Real-IP", "127.0.0.1")],
        [("X-Auth-Request-Redirect", "/public/")],
        [("X-Daypass-Proxy-Secret", "")],
        [("X-Middleware-Subrequest", "middleware")],
        [("X-HTTP-Method-Override", "OPTIONS")],
        [("Access-Control-Request-Method", "GET"), ("Origin", "https://evil.example")],
    ],
    ids=str,
)
def test_13_no_header_and_no_method_short_cuts_the_check(deployment: Deployment, headers: Headers) -> None:
    for method in ("GET", "HEAD", "OPTIONS", "TRACE", "get", "PROPFIND"):
        assert_blocked(deployment, request_to(deployment, "/staff/", headers, method=method))


@pytest.mark.parametrize(
    "target", ["//evil.example/", "https://app.example.org.evil.example/", "https://evil.example\\@app.example.org/"]
)
def test_15_signing_in_leads_to_no_other_host(deployment: Deployment, target: str) -> None:
    assert deployment.sign_in("bob", target)[1] == "/"


def test_15_a_refusal_leads_back_only_to_a_host_of_the_rules(deployment: Deployment) -> None:
    for host in ("evil.example", "app.example.org.evil.example"):
        assert "evil" not in deployment.request("/", [("Host", host), *NAVIGATING]).location


ACCOUNT_COMMANDS = {"roles": ["staff"], "password": ["--password-stdin"], "disable": []}


def test_19_rights_end_with_the_session_when_the_account_changes(deployment: Deployment) -> None:
    for command, arguments in ACCOUNT_COMMANDS.items():
        token = deployment.sign_up(f"{command}-charlie")
        assert deployment.request("/", token=token).status == 200
        deployment.command("user", command, f"{command}-charlie", *arguments, stdin="another lantern 7 quiet river")
        assert assert_blocked(deployment, request_to(deployment, "/", cookie(token))).status == 401


def test_20_no_response_of_the_check_may_be_cached(deployment: Deployment, bob: str) -> None:
    for headers in (NAVIGATING, SCRIPT):
        assert deployment.direct("/gate/forward", [*SPOOFED_LOCATION, *headers]).headers["Cache-Control"] == "no-store"
    assert deployment.request("/", token=bob).status == 200
    assert_blocked(deployment, request_to(deployment, "/"))
    assert_blocked(deployment, request_to(deployment, "/staff/", cookie(bob)))


def test_21_a_token_comes_as_cookie_or_bearer_alone(deployment: Deployment, bob: str) -> None:
    for target in (f"/?token={bob}", f"/?access_token={bob}", f"/?__Secure-daypass={bob}"):
        assert_blocked(deployment, request_to(deployment, target))
    for name in ("daypass", "__Host-daypass", "__secure-daypass", "token"):
        assert_blocked(deployment, request_to(deployment, "/", [("Cookie", f"{name}={bob}")]))
    for headers in ([("X-Auth-Token", bob)], [("Authorization", f"Basic {bob}")], [("Remote-User", bob)]):
        assert_blocked(deployment, request_to(deployment, "/", headers))


@pytest.mark.parametrize(
    "target", ["/public/%0d%0aRemote-User:%20admin", "/%0d%0aSet-Cookie:%20a=b", "/public/\xe4", "/x?%0d%0aX-Evil:%201"]
)
def test_22_line_ends_and_foreign_letters_make_no_header(deployment: Deployment, target: str) -> None:
    response = assert_blocked(deployment, request_to(deployment, target, NAVIGATING))
    assert 300 <= response.status < 500
    assert not {"Set-Cookie", "X-Evil", "Remote-User"} & set(response.headers)


def test_a_websocket_is_held_to_all_of_this(deployment: Deployment, bob: str) -> None:
    for headers in ([], SPOOFED_LOCATION, [("Remote-User", "admin")], [("Cookie", "daypass=x")]):
        assert_blocked(deployment, request_bytes("GET", "/socket", [("Host", APP), *HANDSHAKE, *headers]))
    assert_blocked(deployment, request_bytes("GET", "/staff/socket", [("Host", APP), *HANDSHAKE, *cookie(bob)]))
