"""The extension in an app: its own pages under the prefix, and the gate in front of the app's views."""

import asyncio

import pytest
from flask import Blueprint, Flask
from flask.testing import FlaskClient
from werkzeug.middleware.dispatcher import DispatcherMiddleware
from werkzeug.test import Client, TestResponse

from daypass import Daypass, current_pass, token_required
from daypass.accounts import queries
from daypass.web.context import current_db
from tests.conftest import PASSWORD, close_app, create_account
from tests.extension.conftest import BASE_URL, HostMaker, browser
from tests.helpers.api_tokens import new_api_token


def sign_in(client: FlaskClient, name: str, to: str = "/orders", path: str = "/auth/login") -> TestResponse:
    return client.post(path, data={"username": name, "password": PASSWORD, "next": to})


def test_a_visitor_without_a_pass_gets_the_sign_in_form_for_the_page(visitor: FlaskClient) -> None:
    response = visitor.get("/orders?page=2")
    assert response.status_code == 401
    assert 'action="/auth/login"' in response.text
    assert 'value="/orders?page=2"' in response.text


def test_after_signing_in_the_page_knows_who_asks(visitor: FlaskClient) -> None:
    response = sign_in(visitor, "alice")
    assert (response.status_code, response.location) == (303, "/orders")
    assert visitor.get("/orders").text == "Orders of alice"
    assert visitor.get("/open").text == "Hello alice"


def test_an_open_page_is_open_and_knows_that_nobody_is_signed_in(visitor: FlaskClient) -> None:
    assert visitor.get("/open").text == "Hello"


def test_a_role_is_needed_where_the_view_says_so(visitor: FlaskClient, host: Flask) -> None:
    sign_in(visitor, "alice")
    refused = visitor.get("/staff")
    assert refused.status_code == 403
    assert "You need the role “staff”" in refused.text
    other = browser(host)
    sign_in(other, "bob")
    assert other.get("/staff").text == "For the staff"


def test_a_program_gets_problem_details(host: Flask) -> None:
    response = host.test_client().get("/orders", base_url=BASE_URL)
    assert (response.status_code, response.mimetype) == (401, "application/problem+json")
    assert response.headers["WWW-Authenticate"] == 'Bearer realm="Daypass"'


def test_without_a_page_to_return_to_a_visitor_goes_to_the_home_page_of_the_app(visitor: FlaskClient) -> None:
    assert sign_in(visitor, "alice", to="").location == "/"


def test_an_ended_session_is_refused_at_once(visitor: FlaskClient) -> None:
    sign_in(visitor, "alice")
    cookie = visitor.get_cookie("__Host-daypass", domain="shop.example.org")
    assert cookie
    visitor.post("/auth/logout")
    visitor.set_cookie("__Host-daypass", cookie.value, domain="shop.example.org", secure=True)
    assert visitor.get("/orders").status_code == 401


def test_every_page_of_daypass_is_under_the_prefix(host: Flask) -> None:
    own = {rule.rule for rule in host.url_map.iter_rules() if rule.endpoint.startswith("daypass.")}
    assert len(own) > 60
    assert {path for path in own if not path.startswith("/auth/")} == set()
    assert {"/auth/healthz", "/auth/.well-known/jwks.json", "/auth/static/<path:filename>"} <= own


def test_pages_of_daypass_link_to_their_own_styles(visitor: FlaskClient) -> None:
    page = visitor.get("/auth/login")
    style = page.text.partition('href="/auth/static/base.css')[2].partition('"')[0]
    response = visitor.get(f"/auth/static/base.css{style}")
    assert (response.status_code, response.mimetype) == (200, "text/css")


def test_a_token_names_the_prefix_as_its_issuer(visitor: FlaskClient) -> None:
    sign_in(visitor, "alice")
    me = visitor.get("/auth/api/me", headers={"Accept": "application/json"}).get_json()
    assert me["name"] == "alice"
    assert f"{BASE_URL}/auth" in visitor.get("/auth/account").text


def test_a_blueprint_of_the_app_that_handles_all_errors_does_not_get_ours(make_host: HostMaker) -> None:
    app, pages = make_host(), Blueprint("shelf", __name__, url_prefix="/shelf")

    @pages.get("/books")
    @token_required
    def books() -> str:
        return current_pass.account_id

    @pages.errorhandler(Exception)
    def on_error(error: Exception) -> tuple[str, int]:
        return "An error of the app", 500

    app.register_blueprint(pages)
    client = browser(app)
    assert client.get("/shelf/books").status_code == 401
    sign_in(client, "alice")
    assert len(client.get("/shelf/books").text) == 32


def test_an_async_view_is_gated(make_host: HostMaker) -> None:
    app = make_host()

    @app.get("/later")
    @token_required
    async def later() -> str:
        await asyncio.sleep(0)
        return current_pass.name

    client = browser(app)
    assert client.get("/later").status_code == 401
    sign_in(client, "alice")
    assert client.get("/later").text == "alice"


def test_current_pass_in_an_open_view_asks_visitors_to_sign_in(make_host: HostMaker) -> None:
    app = make_host()

    @app.get("/name")
    def name() -> str:
        return current_pass.name

    assert "Sign in" in browser(app).get("/name").text
    assert browser(app).get("/name").status_code == 401


class TestBehindAPathPrefix:
    """A host behind a proxy that serves it at https://shop.example.org/store."""

    @pytest.fixture
    def store(self, make_host: HostMaker) -> Flask:
        return make_host(DAYPASS_BASE_URL=f"{BASE_URL}/store", APPLICATION_ROOT="/store")

    def test_the_form_leads_back_to_the_page(self, store: Flask) -> None:
        client = browser(store, "/store")
        page = client.get("/orders").text
        assert 'action="/store/auth/login"' in page
        assert 'value="/store/orders"' in page
        assert 'href="/store/auth/static/base.css' in page

    def test_a_sign_in_returns_to_the_page_or_to_the_home_page_of_the_app(self, store: Flask) -> None:
        client = browser(store, "/store")
        assert sign_in(client, "alice", to="/store/orders").location == "/store/orders"
        assert sign_in(client, "alice", to="").location == "/store/"
        assert client.get("/orders").text == "Orders of alice"

    def test_mounted_with_a_dispatcher_it_works_as_well(self, store: Flask) -> None:
        def root(environ: object, start_response: object) -> list[bytes]:
            raise AssertionError("the request was not for the store")

        client = Client(DispatcherMiddleware(root, {"/store": store.wsgi_app}))
        headers = {"Host": "shop.example.org", "Accept": "text/html", "Sec-Fetch-Mode": "navigate"}
        response = client.get("/store/orders", headers=headers)
        assert response.status_code == 401
        assert 'action="/store/auth/login"' in response.text

    def test_a_password_prompt_repeats_the_request_under_the_prefix(self, store: Flask) -> None:
        @store.get("/danger")
        @token_required(fresh=0)
        def danger() -> str:
            return "Done"

        client = browser(store, "/store")
        sign_in(client, "alice", to="/store/danger")
        page = client.get("/danger")
        assert page.status_code == 401
        assert 'action="/store/danger"' in page.text


def test_the_home_page_lists_the_pages_that_the_app_names(make_host: HostMaker) -> None:
    app = make_host()
    Daypass().add_page(app, "staff", "Staff room", icon="S", description="Plans.")
    alice, bob = browser(app), browser(app)
    sign_in(alice, "alice")
    sign_in(bob, "bob")
    assert "Staff room" in bob.get("/auth/").text
    assert "Staff room" not in alice.get("/auth/").text


@pytest.mark.parametrize("has_gated_page", [True, False])
def test_an_administrator_is_told_how_to_protect_a_page_until_there_is_one(
    bare_host: Flask, password_hash: str, has_gated_page: bool
) -> None:
    Daypass(bare_host)
    if has_gated_page:
        bare_host.add_url_rule("/gated", "gated", token_required(orders))
    bare_host.extensions["daypass"].start()
    create_account(bare_host, password_hash, "alice", ["admin"])
    client = browser(bare_host)
    sign_in(client, "alice")
    page = client.get("/auth/").text
    assert ("Write <code>@token_required</code> below the route" in page) is not has_gated_page
    assert "DAYPASS_SITE" not in page
    close_app(bare_host)


def orders() -> str:
    return "Orders"


def test_the_notice_before_the_first_account_names_the_command(bare_host: Flask) -> None:
    Daypass(bare_host)
    page = browser(bare_host).get("/auth/login").text
    assert "run <code>flask daypass setup-link</code>" in page
    assert "that Daypass printed when it started" not in page
    close_app(bare_host)


def test_an_api_token_counts_only_in_views_that_admit_api_tokens(make_host: HostMaker) -> None:
    app = make_host()

    @app.get("/name")
    def name() -> str:
        return f"{bool(current_pass)} {current_pass.name}"

    @app.get("/for-programs")
    @token_required(api_tokens=True)
    def for_programs() -> str:
        return f"{current_pass.name} {current_pass.is_api_token}"

    with app.app_context():
        account_id = queries.find(current_db(), "alice").id
    _, token = new_api_token(app, account_id, ["shop.example.org"])
    client, bearer = browser(app), {"Authorization": f"Bearer {token}"}
    assert client.get("/for-programs", headers=bearer).text == "alice True"
    refused = client.get("/name", headers=bearer)
    assert refused.status_code == 403
    assert "This page does not allow API tokens." in refused.text
