"""The attacks that reverse proxies with a gate are known for, against each proxy: none gets in.

Got in would be: the app behind was asked, or a file of the folder was shown, for somebody who may not see it.
"""

import json

import pytest

from tests.helpers.server import Response
from tests.integration.proxies.deployment import APP, DOCS, FILES, NAVIGATES, SCRIPT, World, cookie, identity
from tests.integration.proxies.raw_http import HANDSHAKE, Headers, written
from tests.integration.proxies.reverse_proxies import LOGIN

OPEN = "www.example.org"  # which the rules open to everybody, and none of the proxies serves
STRANGE = "203.0.113.7"  # an address that nobody here has (RFC 5737)
ELSEWHERE = [
    ("X-Original-URL", f"https://{OPEN}/public/"),
    ("X-Original-Method", "GET"),
    ("X-Original-Host", OPEN),
    ("X-Forwarded-Uri", "/public/"),
    ("X-Forwarded-Host", OPEN),
    ("X-Forwarded-Proto", "https"),
    ("X-Forwarded-Method", "GET"),
    ("X-Rewrite-Url", "/public/"),
]
ALIASES = [(name.replace("-", "_"), value) for name, value in ELSEWHERE]


def expect_shut(world: World, request: bytes, sni: str = APP) -> Response:
    """Nothing comes of these bytes: the app is not asked, and no closed file is shown."""
    before = len(world.app.seen)
    answer = world.send(request, sni)
    assert len(world.app.seen) == before, (world.app.seen[-1], answer)
    assert not any(FILES[name] in answer.body for name in ("index.html", "staff/wages.html"))
    return answer


def asked(world: World, target: str, headers: Headers = (), host: str = APP, method: str = "GET") -> bytes:
    """A request for this target on this host, by its right name."""
    return written(method, target, [("Host", f"{host}:{world.port}"), *headers])


@pytest.mark.parametrize("headers", [ELSEWHERE, ALIASES, [*ELSEWHERE, *ALIASES]], ids=["named", "aliased", "both"])
@pytest.mark.parametrize(("host", "target"), [(APP, "/"), (DOCS, "/"), (APP, "/staff/"), (DOCS, "/staff/wages.html")])
def test_1_what_the_client_says_of_the_page_is_ignored(
    world: World, bob: str, host: str, target: str, headers: Headers
) -> None:
    expect_shut(world, asked(world, target, headers, host))
    if target != "/":
        answer = expect_shut(world, asked(world, target, [*headers, *cookie(bob)], host))
        assert answer.status == 403


@pytest.mark.parametrize("gate", ["nginx", "forward"])
def test_2_the_check_answers_to_nobody_but_the_proxy(world: World, alice: str, gate: str) -> None:
    page = [*ELSEWHERE, *cookie(alice)]
    assert world.direct(f"/gate/{gate}", page, source="127.0.0.1").status == 200
    refused = world.direct(f"/gate/{gate}", page, source="127.0.0.2")
    assert refused.status in (403, 404)
    assert "Remote-User" not in refused.headers


@pytest.mark.parametrize("gate", ["nginx", "forward"])
@pytest.mark.parametrize(
    "spelling",
    ["/gate/{}", "//gate/{}", "/./gate/{}", "/gate%2f{}", "/%67ate/{}", "/x/../gate/{}", "/gate/./{}", "/gate//{}"],
)
def test_2_no_spelling_reaches_the_check_through_the_proxy(world: World, alice: str, gate: str, spelling: str) -> None:
    target = spelling.format(gate)
    for headers in (ELSEWHERE, [*ELSEWHERE, ("X-Forwarded-For", "127.0.0.1")], ALIASES):
        answer = expect_shut(world, asked(world, target, [*headers, *cookie(alice)], LOGIN), LOGIN)
        assert answer.status >= 300
        assert "Remote-User" not in answer.headers


@pytest.mark.parametrize("scheme", ["https", "http"])
@pytest.mark.parametrize("other", [APP, DOCS, LOGIN, OPEN, "evil.example"])
def test_3_an_absolute_request_line_is_checked_as_it_is_served(world: World, bob: str, scheme: str, other: str) -> None:
    for host, target in ((APP, "/staff/"), (DOCS, "/staff/wages.html"), (APP, "/")):
        line = f"{scheme}://{host}:{world.port}{target}"
        signed_in = cookie(bob) if target != "/" else []
        expect_shut(world, written("GET", line, [("Host", other), *signed_in]))
        line = f"{scheme}://{other}:{world.port}{target}"
        expect_shut(world, written("GET", line, [("Host", f"{host}:{world.port}"), *signed_in]))


@pytest.mark.parametrize("of_app", ["APP.example.org", "app.example.org.", "app.example.org:1", "App.Example.Org.:443"])
def test_4_a_host_in_another_spelling_has_the_same_rules(world: World, bob: str, of_app: str) -> None:
    expect_shut(world, written("GET", "/", [("Host", of_app), *NAVIGATES]))
    expect_shut(world, written("GET", "/staff/", [("Host", of_app), *cookie(bob)]))


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
def test_4_an_unknown_host_is_refused(world: World, host: str) -> None:
    for target in ("/", "/staff/"):
        expect_shut(world, written("GET", target, [("Host", host)]))


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
def test_5_only_the_decoded_path_decides(world: World, bob: str, target: str) -> None:
    for host in (APP, DOCS):
        expect_shut(world, asked(world, target, host=host))
        if target.startswith("/staff"):
            expect_shut(world, asked(world, target, cookie(bob), host))


AMBIGUOUS = [
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


@pytest.mark.parametrize("spelling", AMBIGUOUS, ids=ascii)
def test_6_a_path_with_two_readings_opens_nothing(world: World, bob: str, spelling: str) -> None:
    for host, page in ((APP, "staff/"), (DOCS, "staff/wages.html")):
        target = spelling.format(page)
        expect_shut(world, asked(world, target, host=host))
        expect_shut(world, asked(world, target, cookie(bob), host))


@pytest.mark.parametrize(
    "target",
    ["/%", "/%zz", "/staff/%", "/staff/%g0", "*", "staff/", "?", "https:///staff/", "://", "/\x7f", "/pub lic/"],
)
def test_7_what_is_no_url_is_refused(world: World, target: str) -> None:
    expect_shut(world, asked(world, target))
    expect_shut(world, asked(world, target, host=DOCS))


IDENTITY = ("User", "Id", "Name", "Email", "Groups")


@pytest.mark.parametrize("name", ["Remote-{}", "REMOTE-{}", "remote-{}"])
def test_8_a_forged_identity_is_overwritten(world: World, bob: str, name: str) -> None:
    forged = [(name.format(what), value) for what in IDENTITY for value in ("admin", "root")]
    assert world.reached("/", forged, token=bob).identity == identity(bob)
    assert world.reached("/public/", forged).identity == []
    expect_shut(world, asked(world, "/", forged))


@pytest.mark.parametrize("between", list("_.!#$%&'*+^`|~"))
def test_9_no_alias_of_an_identity_reaches_the_app(world: World, bob: str, between: str) -> None:
    forged = [(f"Remote{between}{what}", "admin") for what in IDENTITY]
    answer = world.ask("/", forged, token=bob)
    if answer.status == 200:
        assert world.app.seen[-1].identity == identity(bob)
    else:
        assert answer.status == 400


TWICE = {
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


@pytest.mark.parametrize("headers", TWICE.values(), ids=TWICE)
def test_10_headers_sent_twice_open_nothing(world: World, headers: Headers) -> None:
    expect_shut(world, written("GET", "/staff/", [*headers, *ELSEWHERE[3:7]]))
    expect_shut(world, written("GET", "/staff/", headers))


def test_10_the_first_of_two_cookies_counts_everywhere(world: World, bob: str) -> None:
    world.ask("/", [*cookie(bob), *cookie("x")])
    expect_shut(world, asked(world, "/", [*cookie("x"), *cookie(bob)]))


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
def test_11_headers_named_hop_by_hop_open_nothing(world: World, bob: str, named: str) -> None:
    headers = [("Connection", f"close, {named}"), *ELSEWHERE]
    expect_shut(world, asked(world, "/", headers))
    expect_shut(world, asked(world, "/staff/", [*headers, *cookie(bob)]))


@pytest.mark.parametrize("named", [f"Remote-{what}" for what in IDENTITY])
def test_11_hop_by_hop_identity_is_the_right_one_or_none(world: World, bob: str, named: str) -> None:
    forged = [("Connection", f"close, {named}"), *((f"Remote-{what}", "admin") for what in IDENTITY)]
    answer = world.ask("/", forged, token=bob)
    assert answer.status == 200
    assert set(world.app.seen[-1].identity) <= set(identity(bob))


FORGED_ADDRESS = [
    ("X-Forwarded-For", STRANGE),
    ("X-Forwarded-For", f"{STRANGE}, 127.0.0.1"),
    ("X-Real-IP", STRANGE),
    ("X_Forwarded_For", STRANGE),
    ("Forwarded", f"for={STRANGE}"),
    ("X-Client-IP", STRANGE),
]


def test_12_the_address_is_not_what_the_client_says(world: World) -> None:
    world.sign_in("bob", headers=FORGED_ADDRESS)
    token, _ = world.sign_in("bob", headers=FORGED_ADDRESS[3:])
    shown = world.ask("/account/sessions", [*NAVIGATES, *FORGED_ADDRESS], token=token, host=LOGIN)
    assert shown.status == 200 and "127.0.0.1" in shown.body
    assert STRANGE not in shown.body
    world.ask("/", FORGED_ADDRESS)
    assert STRANGE not in json.dumps(world.daypass.log)


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
def test_13_no_header_and_no_method_short_cuts_the_check(world: World, headers: Headers) -> None:
    for method in ("GET", "HEAD", "OPTIONS", "TRACE", "get", "PROPFIND"):
        expect_shut(world, asked(world, "/staff/", headers, method=method))


@pytest.mark.parametrize(
    "target", ["//evil.example/", "https://app.example.org.evil.example/", "https://evil.example\\@app.example.org/"]
)
def test_15_signing_in_leads_to_no_other_host(world: World, target: str) -> None:
    assert world.sign_in("bob", target)[1] == "/"


def test_15_the_way_back_of_a_refusal_is_a_host_of_the_rules(world: World) -> None:
    for host in ("evil.example", "app.example.org.evil.example"):
        assert "evil" not in world.ask("/", [("Host", host), *NAVIGATES]).location


ACTS = {"roles": ["staff"], "password": ["--password-stdin"], "disable": []}


def test_19_rights_end_with_the_session_when_the_account_changes(world: World) -> None:
    for act, arguments in ACTS.items():
        token = world.sign_up(f"charlie-{act}")
        assert world.ask("/", token=token).status == 200
        world.command("user", act, f"charlie-{act}", *arguments, stdin="another lantern 7 quiet river")
        assert expect_shut(world, asked(world, "/", cookie(token))).status == 401


def test_20_no_answer_of_the_check_may_be_kept(world: World, bob: str) -> None:
    for headers in (NAVIGATES, SCRIPT):
        assert world.direct("/gate/forward", [*ELSEWHERE, *headers]).headers["Cache-Control"] == "no-store"
    assert world.ask("/", token=bob).status == 200
    expect_shut(world, asked(world, "/"))
    expect_shut(world, asked(world, "/staff/", cookie(bob)))


def test_21_a_token_comes_as_cookie_or_bearer_alone(world: World, bob: str) -> None:
    for target in (f"/?token={bob}", f"/?access_token={bob}", f"/?__Secure-daypass={bob}"):
        expect_shut(world, asked(world, target))
    for name in ("daypass", "__Host-daypass", "__secure-daypass", "token"):
        expect_shut(world, asked(world, "/", [("Cookie", f"{name}={bob}")]))
    for headers in ([("X-Auth-Token", bob)], [("Authorization", f"Basic {bob}")], [("Remote-User", bob)]):
        expect_shut(world, asked(world, "/", headers))


@pytest.mark.parametrize(
    "target", ["/public/%0d%0aRemote-User:%20admin", "/%0d%0aSet-Cookie:%20a=b", "/public/\xe4", "/x?%0d%0aX-Evil:%201"]
)
def test_22_line_ends_and_foreign_letters_make_no_header(world: World, target: str) -> None:
    answer = expect_shut(world, asked(world, target, NAVIGATES))
    assert not {"Set-Cookie", "X-Evil", "Remote-User"} & set(answer.headers)


def test_a_websocket_is_held_to_all_of_this(world: World, bob: str) -> None:
    for headers in ([], ELSEWHERE, [("Remote-User", "admin")], [("Cookie", "daypass=x")]):
        expect_shut(world, written("GET", "/socket", [("Host", APP), *HANDSHAKE, *headers]))
    expect_shut(world, written("GET", "/staff/socket", [("Host", APP), *HANDSHAKE, *cookie(bob)]))
