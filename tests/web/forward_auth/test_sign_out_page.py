"""The page that asks before signing out, and where signing out leads."""

from collections.abc import Callable
from urllib.parse import urlencode

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.conftest import PAGE, Person
from tests.helpers.redirect_targets import HOSTILE
from tests.web.forward_auth.proxy_checks import APP, LOGIN

OWN_URL = f"https://{LOGIN}"
APP_URL = f"https://{APP}/public?bye=1&again=2"
HOSTILE_TARGETS = [target for target in HOSTILE if target is not None and target.isprintable() and len(target) < 3000]
FOREIGN_TARGETS = [
    "https://evil.example/", "//evil.example", "/\\evil.example", f"https://{APP}@evil.example/", "javascript:alert(1)",
    f"https://x.{APP}/", f"https://{APP}:8443/", f"http://{APP}/", f"{OWN_URL}/members", "/logout", "/login", "",
]  # fmt: skip


def ask(client: FlaskClient, target: str | None, headers: dict[str, str] | None = None) -> TestResponse:
    query = "" if target is None else f"?{urlencode({'to': target})}"
    return client.get(f"/logout{query}", base_url=OWN_URL, headers=PAGE | (headers or {}))


def sign_out(client: FlaskClient, target: str | None, headers: dict[str, str]) -> TestResponse:
    data = {} if target is None else {"to": target}
    return client.post("/logout", base_url=OWN_URL, headers=PAGE | headers, data=data)


def is_signed_in(client: FlaskClient, headers: dict[str, str]) -> bool:
    return client.get("/members", base_url=OWN_URL, headers=PAGE | headers).status_code == 200


def test_it_asks_and_the_session_goes_on(client: FlaskClient, alice: dict[str, str]) -> None:
    for method in ("GET", "HEAD"):
        response = client.open(f"/logout?to={APP_URL}", method=method, base_url=OWN_URL, headers=PAGE | alice)
        assert (response.status_code, "Set-Cookie" in response.headers) == (200, False)
    page = ask(client, APP_URL, alice).text
    assert "<b>alice</b>" in page and f"Afterwards you return to {APP}." in page
    escaped = APP_URL.replace("&", "&amp;")
    assert f'<input name="to" type="hidden" value="{escaped}">' in page
    assert f'<a href="{escaped}">Stay signed in</a>' in page
    assert is_signed_in(client, alice)


@pytest.mark.parametrize(
    ("target", "location"),
    [
        (APP_URL, APP_URL),
        ("https://APP.Example.ORG.:443", f"https://{APP}/"),
        ("https://far.example/", "https://far.example/"),
        ("/members?x=1", "/members?x=1"),
        (None, "/"),
        ("/", "/"),
    ],
)
def test_the_form_signs_out_and_leads_back(
    client: FlaskClient, alice: dict[str, str], target: str | None, location: str
) -> None:
    response = sign_out(client, target, alice)
    assert (response.status_code, response.location) == (303, location)
    assert not is_signed_in(client, alice)


@pytest.mark.parametrize("target", [f"https://{APP}/x", "/members"])
def test_a_sign_out_that_leads_back_to_a_closed_page_says_so_at_the_door(
    client: FlaskClient, alice: dict[str, str], target: str
) -> None:
    message = sign_out(client, target, alice).headers.getlist("Set-Cookie")[-1].partition(";")[0]
    assert message.endswith("-message=SIGNED_OUT")
    path = f"/login?next={target}" if target.startswith("https:") else target
    pages = [client.get(path, base_url=OWN_URL, headers=PAGE | {"Cookie": cookie}).text for cookie in (message, "")]
    assert ["You are signed out." in page for page in pages] == [True, False]
    assert all("<h1>Sign in to " in page for page in pages)


def test_signing_out_leads_to_no_other_host(client: FlaskClient, alice: dict[str, str]) -> None:
    for target in [*FOREIGN_TARGETS, *HOSTILE_TARGETS]:
        response = sign_out(client, target, alice)
        assert (response.status_code, response.location) == (303, "/"), ascii(target)


def test_the_page_leads_to_no_other_host(client: FlaskClient, alice: dict[str, str]) -> None:
    for target in [*FOREIGN_TARGETS, *HOSTILE_TARGETS]:
        asked, told = ask(client, target, alice), ask(client, target)
        assert "form-action 'self';" in asked.headers["Content-Security-Policy"], ascii(target)
        assert '<a href="/">Stay signed in</a>' in asked.text and 'name="to"' not in asked.text, ascii(target)
        assert 'href="/">Go to the home page</a>' in told.text and 'href="/login">' in told.text, ascii(target)


def test_the_form_may_be_redirected_to_exactly_that_origin(client: FlaskClient, alice: dict[str, str]) -> None:
    assert f"form-action 'self' https://{APP};" in ask(client, APP_URL, alice).headers["Content-Security-Policy"]


def test_a_visitor_who_is_not_signed_in_gets_a_link_onwards(client: FlaskClient, alice: dict[str, str]) -> None:
    sign_out(client, None, alice)
    for headers in ({}, alice):
        page = ask(client, APP_URL, headers).text
        assert "<h1>You are not signed in</h1>" in page and 'method="post"' not in page
        assert f'href="{APP_URL.replace("&", "&amp;")}">Continue to {APP}</a>' in page
        assert f"/login?next=https://{APP}/public" in page
    assert '<a class="button button--primary" href="/">Go to the home page</a>' in ask(client, None).text


def test_signing_out_twice_leads_back_too(client: FlaskClient, alice: dict[str, str]) -> None:
    for _ in range(2):
        assert sign_out(client, APP_URL, alice).location == APP_URL


@pytest.mark.parametrize("site", ["same-site", "cross-site"])
def test_a_form_of_an_app_signs_nobody_out(client: FlaskClient, alice: dict[str, str], site: str) -> None:
    assert sign_out(client, APP_URL, alice | {"Sec-Fetch-Site": site}).status_code == 403
    assert is_signed_in(client, alice)


def test_a_program_is_not_redirected(client: FlaskClient, sign_in: Callable[..., Person]) -> None:
    bearer = sign_in("alice").bearer_header
    response = client.post("/logout", base_url=OWN_URL, headers=bearer, data={"to": APP_URL})
    assert (response.status_code, response.headers.get("Location")) == (204, None)


class TestBesideASite:
    """With a site, Daypass's own pages are under a prefix."""

    @pytest.fixture
    def environ(self, environ: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
        return environ | {"DAYPASS_SITE": str(tmp_path_factory.mktemp("site"))}

    def test_the_links_lead_to_the_site(self, client: FlaskClient, alice: dict[str, str]) -> None:
        page = client.get("/-/logout", base_url=OWN_URL, headers=PAGE | alice).text
        assert 'action="/-/logout"' in page and '<a href="/">Stay signed in</a>' in page
        response = client.post("/-/logout", base_url=OWN_URL, headers=PAGE | alice, data={"to": "/guide/"})
        assert response.location == "/guide/"
