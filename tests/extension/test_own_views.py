"""An app with sign-in views of its own: `register_pages=False`."""

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from flask import Flask, redirect, render_template_string, request
from flask.testing import FlaskClient
from werkzeug.exceptions import Forbidden
from werkzeug.wrappers import Response

from daypass import Daypass, DaypassError, current_pass, signals, token_required
from daypass.audit.entry import Entry
from daypass.database.models import AuthSession
from daypass.testing import signed_in
from daypass.web.context import current_db
from tests.conftest import PASSWORD, close_app, create_account
from tests.extension.conftest import browser

FORM = "<form method=post>{{ message }}<input name=name><input name=password></form>"


def add_views(app: Flask, daypass: Daypass) -> None:
    @app.route("/login", methods=["GET", "POST"])
    def login() -> str | Response | tuple[str, int]:
        if request.method == "GET":
            return render_template_string(FORM)
        try:
            daypass.sign_in(request.form["name"], request.form["password"], keep="keep" in request.form)
        except DaypassError as error:
            return render_template_string(FORM, message=error.message), error.status
        return redirect(daypass.return_target(request.args.get("next")))

    @app.post("/strict-login")
    def strict_login() -> str:
        daypass.sign_in(request.form["name"], request.form["password"])
        return f"Signed in as {current_pass.name}"

    @app.post("/logout")
    def logout() -> str:
        return f"{daypass.sign_out()} {bool(current_pass)}"

    @app.get("/orders")
    @token_required
    def orders() -> str:
        return f"Orders of {current_pass.name}"

    @app.get("/staff")
    @token_required(role="staff")
    def staff() -> str:
        return "For the staff"

    @app.get("/fresh")
    @token_required(fresh=0)
    def fresh() -> str:
        return "Fresh"

    @app.errorhandler(403)
    def denied(error: Forbidden) -> tuple[str, int]:
        return f"Our own page: {error.description}", 403


@pytest.fixture
def make_shop(bare_host: Flask, password_hash: str) -> Iterator[Callable[..., Flask]]:
    def make(login_view: str | None = "login") -> Flask:
        daypass = Daypass()
        daypass.init_app(bare_host, register_pages=False, login_view=login_view)
        add_views(bare_host, daypass)
        bare_host.extensions["daypass"].start()
        create_account(bare_host, password_hash, "alice")
        return bare_host

    yield make
    close_app(bare_host)


@pytest.fixture
def shop(make_shop: Callable[..., Flask]) -> Flask:
    return make_shop()


@pytest.fixture
def visitor(shop: Flask) -> FlaskClient:
    return browser(shop)


def credentials(**fields: str) -> dict[str, str]:
    return {"name": "alice", "password": PASSWORD} | fields


def test_the_way_from_a_protected_page_through_the_sign_in_view_and_back(visitor: FlaskClient) -> None:
    sent = visitor.get("/orders?month=11")
    assert (sent.status_code, sent.location) == (303, "/login?next=/orders?month%3D11")
    signed = visitor.post(sent.location, data=credentials())
    assert (signed.status_code, signed.location) == (302, "/orders?month=11")
    assert visitor.get("/orders").text == "Orders of alice"
    assert visitor.post("/logout").text == "True False"
    assert visitor.get("/orders").status_code == 303
    assert visitor.post("/logout").text == "False False"


def test_after_signing_in_a_form_is_not_opened_as_a_page(shop: Flask, visitor: FlaskClient) -> None:
    @shop.post("/order")
    @token_required
    def order() -> str:
        return "Ordered"

    sent = visitor.post("/order", data={"item": "tea"})
    assert (sent.status_code, sent.location) == (303, "/login?next=/")


def test_the_session_is_in_the_list_and_can_be_ended_elsewhere(shop: Flask, visitor: FlaskClient) -> None:
    visitor.post("/login", data=credentials())
    with shop.app_context():
        [session] = current_db().query(AuthSession).all()
        session_id = session.id
    runner = shop.test_cli_runner()
    assert runner.invoke(args=["daypass", "sessions", "end", session_id]).exit_code == 0
    assert visitor.get("/orders").status_code == 401


@pytest.mark.parametrize("keep", [False, True])
def test_a_session_may_be_kept(shop: Flask, visitor: FlaskClient, keep: bool) -> None:
    visitor.post("/login", data=credentials(**({"keep": "on"} if keep else {})))
    with shop.app_context():
        [session] = current_db().query(AuthSession).all()
        assert round((session.until_at - session.created_at) / timedelta(days=1)) == (30 if keep else 1)


def test_a_wrong_password_is_an_error_for_the_view(visitor: FlaskClient) -> None:
    refused = visitor.post("/login", data=credentials(password="wrong"))
    assert refused.status_code == 401
    assert "Wrong name or password." in refused.text
    assert visitor.get_cookie("__Host-daypass", "shop.example.org") is None


def test_an_error_that_the_view_does_not_catch_is_a_page_of_the_app(visitor: FlaskClient) -> None:
    assert visitor.post("/strict-login", data=credentials(password="wrong")).status_code == 401
    assert visitor.post("/strict-login", data=credentials()).text == "Signed in as alice"


def test_guesses_are_limited(visitor: FlaskClient) -> None:
    visitor.environ_base["REMOTE_ADDR"] = "192.0.2.1"
    statuses = [visitor.post("/login", data=credentials(password="wrong")).status_code for _ in range(11)]
    assert statuses == [401] * 10 + [429]


def test_another_site_cannot_sign_a_visitor_in(visitor: FlaskClient) -> None:
    refused = visitor.post("/login", data=credentials(), headers={"Sec-Fetch-Site": "cross-site"})
    assert refused.status_code == 403
    assert visitor.get_cookie("__Host-daypass", "shop.example.org") is None


@pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:x", ""])
def test_no_target_leaves_the_app(visitor: FlaskClient, target: str) -> None:
    signed = visitor.post("/login", query_string={"next": target}, data=credentials())
    assert signed.location == "/"


def test_a_second_sign_in_ends_the_session_that_it_replaces(shop: Flask, visitor: FlaskClient) -> None:
    for _ in range(2):
        visitor.post("/login", data=credentials())
    with shop.app_context():
        assert sorted(session.end_reason or "" for session in current_db().query(AuthSession)) == [
            "",
            "signed_in_again",
        ]


def test_the_app_hears_of_a_sign_in(shop: Flask, visitor: FlaskClient) -> None:
    heard: list[str] = []

    def note(sender: Flask, event: Entry) -> None:
        heard.append(event.event)

    with signals.signed_in.connected_to(note, shop):
        visitor.post("/login", data=credentials())
    assert heard == ["sign_in"]


def test_a_missing_role_and_an_old_password_get_pages_of_the_app(shop: Flask) -> None:
    alice = signed_in(shop, "alice")
    page = {"Accept": "text/html", "Sec-Fetch-Mode": "navigate"}
    denied = alice.get("/staff", headers=page)
    assert (denied.status_code, denied.text) == (403, "Our own page: You need the role “staff” to see this page.")
    stale = alice.get("/fresh", headers=page)
    assert stale.status_code == 401
    assert 'error="insufficient_user_authentication"' in stale.headers["WWW-Authenticate"]


def test_without_a_sign_in_view_a_visitor_gets_a_page_of_the_app(make_shop: Callable[..., Flask]) -> None:
    refused = browser(make_shop(login_view=None)).get("/orders")
    assert (refused.status_code, refused.mimetype) == (401, "text/html")
    assert "Sign in to see this page." in refused.text


def test_no_page_of_daypass_is_there(shop: Flask, visitor: FlaskClient) -> None:
    assert "daypass" not in shop.blueprints
    assert visitor.get("/auth/login").status_code == 404
    assert visitor.get("/auth/static/base.css").status_code == 404


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"register_pages": False, "protect_app": True}, "protect_app needs the pages of Daypass"),
        ({"login_view": "login"}, "login_view is for apps without the pages of Daypass"),
    ],
)
def test_options_that_contradict_each_other_are_refused(
    bare_host: Flask, options: dict[str, object], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        Daypass().init_app(bare_host, **options)  # type: ignore[arg-type]
    assert "daypass" not in bare_host.extensions
