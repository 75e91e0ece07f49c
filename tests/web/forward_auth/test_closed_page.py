"""The page under the app's host that says why a visitor may not see a page."""

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from daypass.web.forward_auth.closed_page import MAX_ADDRESS_LENGTH
from tests.conftest import Person
from tests.web.forward_auth.proxy_checks import APP, FORWARD, LOGIN, NAVIGATION, NGINX, Proxy, cookie_header, refused

Events = Callable[[], list[dict[str, str]]]
SWITCH = f"https://{LOGIN}/login?switch=1"


def explain(client: FlaskClient, target: str, extra: dict[str, str], **page: str) -> TestResponse:
    """The page that nginx asks for after a refusal."""
    return client.get("/gate/nginx?explain", headers=NGINX.headers(target, **page) | NAVIGATION | extra)


def test_it_says_who_the_visitor_is_and_what_is_closed(
    client: FlaskClient, alice: dict[str, str], proxy: Proxy
) -> None:
    target = "/staff/a?b=1&c=2"
    for response in (proxy.check(client, target, NAVIGATION | alice), explain(client, target, alice)):
        assert refused(response)
        assert f"<bdi>{APP}/staff/a</bdi>" in response.text and "<dd>alice</dd>" in response.text
        link = f"{SWITCH}&next=https://{APP}/staff/a?b%3D1%26c%3D2"
        assert f'href="{link.replace("&", "&amp;")}">Sign in as somebody else</a>' in response.text


def test_what_a_visitor_wrote_into_the_path_is_text(client: FlaskClient, alice: dict[str, str], proxy: Proxy) -> None:
    text = proxy.check(client, "/staff/%3Cb%3E%22%7B%7B7*7%7D%7D", NAVIGATION | alice).text
    assert f"<bdi>{APP}/staff/&lt;b&gt;&#34;{{{{7*7}}}}</bdi>" in text


def test_a_long_address_is_shortened(client: FlaskClient, alice: dict[str, str], proxy: Proxy) -> None:
    text = proxy.check(client, "/staff/" + "x" * 3000, NAVIGATION | alice).text
    shown = text.partition("<bdi>")[2].partition("</bdi>")[0]
    assert len(shown) == MAX_ADDRESS_LENGTH + 1 and shown.endswith("x…")


def test_a_refused_form_does_not_lead_back(client: FlaskClient, alice: dict[str, str], proxy: Proxy) -> None:
    text = proxy.check(client, "/staff", NAVIGATION | alice, method="POST").text
    assert f'href="{SWITCH}">' in text


def test_a_visitor_who_is_not_signed_in_can_sign_in(client: FlaskClient, proxy: Proxy) -> None:
    text = proxy.check(client, "/x", NAVIGATION, host="other.example").text
    assert "Signed in as" not in text and f'href="{SWITCH}">Sign in</a>' in text


def test_an_ambiguous_address_is_not_repeated(client: FlaskClient, alice: dict[str, str], proxy: Proxy) -> None:
    response = proxy.check(client, "/staff%2fx", NAVIGATION | alice)
    assert refused(response)
    assert "%2f" not in response.text and "Sign in as" not in response.text


class TestNginxAsksAgain:
    """nginx discards the body of a check, so it asks for the page once more."""

    @pytest.mark.parametrize("target", ["/public", "/x", "/staff", "/../x", "/bob"])
    def test_the_page_never_opens_anything(self, client: FlaskClient, alice: dict[str, str], target: str) -> None:
        """For example to a visitor who has got access since, or after a refusal of nginx itself."""
        assert refused(explain(client, target, alice))
        assert refused(explain(client, target, {}))

    def test_the_refusal_is_not_recorded_again(
        self, client: FlaskClient, alice: dict[str, str], events: Events
    ) -> None:
        NGINX.check(client, "/staff", alice)
        assert [event["event"] for event in events()] == ["page_refused"]
        explain(client, "/staff", alice)
        explain(client, "/../x", alice)
        explain(client, "/x", {})
        assert [event["event"] for event in events()] == ["page_refused"]

    def test_a_program_gets_problem_details(self, client: FlaskClient, alice: dict[str, str]) -> None:
        response = client.get("/gate/nginx?explain", headers=NGINX.headers("/staff") | alice)
        assert (response.status_code, response.mimetype) == (403, "application/problem+json")

    def test_only_trusted_proxies_are_told(self, client: FlaskClient, alice: dict[str, str], events: Events) -> None:
        headers = NGINX.headers("/staff") | NAVIGATION | alice
        response = client.get("/gate/nginx?explain", headers=headers, environ_overrides={"REMOTE_ADDR": "192.0.2.1"})
        assert refused(response)
        for secret in ("alice", "/staff", "switch"):
            assert secret not in response.text
        assert [event["event"] for event in events()] == ["proxy_refused"]

    @pytest.mark.parametrize("query", ["", "explain=", "explain=1", "x&explain", "EXPLAIN"])
    def test_another_query_is_a_check(self, client: FlaskClient, alice: dict[str, str], query: str) -> None:
        assert client.get(f"/gate/nginx?{query}", headers=NGINX.headers("/x") | alice).status_code == 200

    def test_the_others_have_no_such_request(self, client: FlaskClient, alice: dict[str, str]) -> None:
        assert client.get("/gate/forward?explain", headers=FORWARD.headers("/x") | alice).status_code == 200


def test_the_link_shows_the_form_to_a_visitor_who_is_signed_in(
    client: FlaskClient, sign_in: Callable[..., Person]
) -> None:
    """Without `switch`, the sign-in page would redirect straight back to the closed page."""
    headers = NAVIGATION | cookie_header(sign_in("alice"))
    url = f"https://{LOGIN}/login?next=https://{APP}/staff"
    assert client.get(url, headers=headers).status_code == 303
    form = client.get(f"{url}&switch=1", headers=headers)
    assert (form.status_code, f'value="https://{APP}/staff"' in form.text) == (200, True)
