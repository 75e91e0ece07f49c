"""What Daypass does to pages that are not its own: nothing, unless the app asks for it."""

import pytest
from flask import Flask, request
from flask.testing import FlaskClient
from werkzeug.exceptions import InternalServerError, MethodNotAllowed

from daypass import token_required
from tests.conftest import PASSWORD
from tests.extension.conftest import HostMaker, browser
from tests.extension.test_pages_of_a_host import sign_in

SECURITY_HEADERS = {"Content-Security-Policy", "X-Frame-Options", "X-Content-Type-Options", "X-Request-Id"}
ELSEWHERE = {"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"}
LARGE = {"text": "x" * 70_000}


def test_an_open_page_gets_no_header(visitor: FlaskClient) -> None:
    assert SECURITY_HEADERS.isdisjoint(visitor.get("/open").headers.keys())
    assert "Cache-Control" not in visitor.get("/open").headers


def test_an_open_page_may_have_any_host_origin_and_size(visitor: FlaskClient) -> None:
    assert visitor.get("/open", base_url="https://other.example").text == "Hello"
    assert visitor.post("/open", headers=ELSEWHERE, data=LARGE).text == "Sent"


def test_errors_of_the_app_are_its_own(make_host: HostMaker) -> None:
    app = make_host()
    app.testing = False

    @app.get("/broken")
    def broken() -> str:
        raise ZeroDivisionError

    app.register_error_handler(404, lambda error: ("Not in this shop", 404))
    client = browser(app)
    assert client.get("/nothing").text == "Not in this shop"
    assert client.get("/broken").text == InternalServerError().get_response().get_data(as_text=True)
    assert client.delete("/open").text == MethodNotAllowed().get_response().get_data(as_text=True)


def test_a_gated_page_is_kept_out_of_caches_unless_it_says_otherwise(make_host: HostMaker) -> None:
    app = make_host()

    @app.get("/logo")
    @token_required
    def logo() -> tuple[str, dict[str, str]]:
        return "", {"Cache-Control": "private, max-age=60"}

    client = browser(app)
    sign_in(client, "alice")
    assert client.get("/orders").headers["Cache-Control"] == "no-store"
    assert SECURITY_HEADERS.isdisjoint(client.get("/orders").headers.keys())
    assert client.get("/logo").headers["Cache-Control"] == "private, max-age=60"


def test_a_gated_page_refuses_requests_that_another_site_makes_with_the_cookie(visitor: FlaskClient) -> None:
    sign_in(visitor, "alice")
    assert visitor.post("/orders").text == "Orders of alice"
    refused = visitor.post("/orders", headers=ELSEWHERE)
    assert refused.status_code == 403
    assert "This request came from another site" in refused.text


@pytest.mark.parametrize("path", ["/auth/login", "/orders"])
def test_pages_of_daypass_have_all_its_headers(visitor: FlaskClient, path: str) -> None:
    """A refusal at a page of the app is a page of Daypass."""
    assert set(visitor.get(path).headers.keys()) >= SECURITY_HEADERS


def test_pages_of_daypass_are_for_its_own_host_and_of_limited_size(visitor: FlaskClient) -> None:
    assert visitor.get("/auth/login", base_url="https://other.example").status_code == 400
    assert visitor.post("/auth/login", headers=ELSEWHERE).status_code == 403
    assert visitor.post("/auth/login", data=LARGE).status_code == 413


def test_a_limit_of_the_app_does_not_widen_that_of_our_pages(make_host: HostMaker) -> None:
    client = browser(make_host(MAX_CONTENT_LENGTH=1_000_000))
    assert client.post("/auth/login", data=LARGE).status_code == 413
    assert client.post("/open", data=LARGE).text == "Sent"


def test_cookies_of_the_app_reach_it(host: Flask, visitor: FlaskClient) -> None:
    visitor.set_cookie("basket", "3", domain="shop.example.org", secure=True)
    host.add_url_rule("/basket", "basket", lambda: request.cookies["basket"])
    assert visitor.get("/basket").text == "3"


def test_templates_of_the_app_keep_their_blank_lines_and_filters(host: Flask) -> None:
    assert browser(host).get("/auth/login").status_code == 200
    with host.app_context():
        assert host.jinja_env.from_string("{% if true %}\na\n{% endif %}\n").render() == "\na\n"
    assert "duration" not in host.jinja_env.filters


class TestProtectApp:
    """`protect_app=True`: the whole app gets what the stand-alone program has."""

    @pytest.fixture
    def client(self, make_host: HostMaker) -> FlaskClient:
        app = make_host(protect_app=True)
        app.testing = False
        return browser(app)

    def test_every_page_has_the_headers(self, client: FlaskClient) -> None:
        assert set(client.get("/open").headers.keys()) >= SECURITY_HEADERS

    def test_every_page_is_for_its_own_host_and_origin_and_of_limited_size(self, client: FlaskClient) -> None:
        assert client.get("/open", base_url="https://other.example").status_code == 400
        assert client.post("/open", headers=ELSEWHERE).status_code == 403
        assert client.post("/open", data=LARGE).status_code == 413
        assert client.post("/open", data={"text": "x"}).text == "Sent"

    def test_errors_have_the_page_of_daypass(self, client: FlaskClient) -> None:
        response = client.get("/nothing")
        assert response.status_code == 404
        assert "There is no page at this address." in response.text


def test_a_protected_app_has_the_limit_that_it_sets(make_host: HostMaker) -> None:
    client = browser(make_host(protect_app=True, MAX_CONTENT_LENGTH=100_000))
    assert client.post("/open", data=LARGE).text == "Sent"
    assert client.post("/open", data={"text": "x" * 110_000}).status_code == 413
    assert client.post("/auth/login", data=LARGE).status_code == 413


def test_two_apps_in_one_process_have_accounts_of_their_own(make_host: HostMaker, app: Flask) -> None:
    """The stand-alone program is one of them."""
    client = browser(make_host())
    assert sign_in(client, "alice").status_code == 303
    answer = app.test_client().post("/login", json={"username": "alice", "password": PASSWORD})
    assert answer.status_code == 401
    assert client.get("/orders").status_code == 200
