"""An app with sign-in views of its own: `register_pages=False`."""

import sqlite3
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from flask import Flask, redirect, render_template_string, request
from flask.testing import FlaskClient
from sqlalchemy.exc import OperationalError
from werkzeug.wrappers import Response

from daypass import Daypass, DaypassError, current_pass, signals, token_required
from daypass.audit.entry import Entry
from daypass.database.models import AuthSession
from daypass.errors import ServiceUnavailable
from daypass.testing import signed_in
from daypass.web.context import current_db
from daypass.web.current_pass import PROFILE_LOADER
from tests.conftest import PASSWORD, close_app, create_account
from tests.extension.conftest import add_pages_that_refuse, browser

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

    add_pages_that_refuse(app)


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
    again = visitor.get("/orders")
    assert (again.status_code, again.location) == (303, "/login?next=/orders")


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
    assert (stale.status_code, stale.location) == (303, "/login?next=/fresh")
    assert (
        alice.get("/fresh")
        .headers["WWW-Authenticate"]
        .startswith('Bearer realm="Daypass", error="insufficient_user_authentication"')
    )


def test_without_a_sign_in_view_a_visitor_gets_a_page_of_the_app(make_shop: Callable[..., Flask]) -> None:
    refused = browser(make_shop(login_view=None)).get("/orders")
    assert (refused.status_code, refused.mimetype) == (401, "text/html")
    assert "Sign in to see this page." in refused.text


def test_a_protected_sign_in_view_does_not_redirect_to_itself(make_shop: Callable[..., Flask]) -> None:
    assert browser(make_shop(login_view="orders")).get("/orders").status_code == 401


def test_the_app_may_have_pages_where_those_of_daypass_would_be(bare_host: Flask) -> None:
    bare_host.add_url_rule("/auth/login", "login", lambda: "Our own form")
    Daypass(bare_host, register_pages=False, login_view="login")
    assert browser(bare_host).get("/auth/login").text == "Our own form"


def test_another_site_cannot_sign_a_visitor_out(visitor: FlaskClient) -> None:
    visitor.post("/login", data=credentials())
    assert visitor.post("/logout", headers={"Sec-Fetch-Site": "same-site"}).status_code == 403
    assert visitor.get("/orders").status_code == 200


def test_a_cookie_that_is_not_valid_any_more_is_cleared_at_sign_out(visitor: FlaskClient) -> None:
    visitor.set_cookie("__Host-daypass", "a.b.c", domain="shop.example.org")
    assert visitor.post("/logout").text == "False False"
    assert visitor.get_cookie("__Host-daypass", "shop.example.org") is None


def test_nobody_seems_signed_out_while_the_session_cannot_end(
    shop: Flask, visitor: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    visitor.post("/login", data=credentials())
    with monkeypatch.context() as broken:
        broken.setattr(shop.extensions["daypass"].replica, "refresh", unavailable)
        assert visitor.post("/logout").status_code == 503
    assert visitor.get("/orders").text == "Orders of alice"


def unavailable() -> None:
    raise ServiceUnavailable


def test_a_database_that_fails_is_an_error_for_the_view(
    visitor: FlaskClient, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def locked(*_: object, **__: object) -> None:
        raise OperationalError("INSERT", {}, sqlite3.OperationalError("database is locked"))

    monkeypatch.setattr("daypass.web.browser_sign_in.start_session", locked)
    refused = visitor.post("/login", data=credentials())
    assert refused.status_code == 503
    assert "The database cannot be reached right now." in refused.text
    assert visitor.post("/strict-login", data=credentials()).status_code == 503
    assert "database: OperationalError" in caplog.text


def test_in_one_view_the_last_change_counts(shop: Flask, visitor: FlaskClient, password_hash: str) -> None:
    create_account(shop, password_hash, "bob")
    daypass = Daypass()

    @daypass.profile_loader
    def profile(account_id: str) -> str:
        return account_id

    shop.extensions[PROFILE_LOADER] = daypass._profile_of

    @shop.post("/switch")
    @token_required
    def switch() -> str:
        before = profile()
        daypass.sign_out()
        daypass.sign_in("bob", PASSWORD)
        daypass.sign_in("bob", PASSWORD)
        return f"{current_pass.name} {profile() == current_pass.account_id} {profile() == before}"

    visitor.post("/login", data=credentials())
    assert visitor.post("/switch").text == "bob True False"
    assert visitor.get("/orders").text == "Orders of bob"


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
