"""Code that was written for Flask-Login goes on with `daypass.compat.flask_login`."""

from collections.abc import Iterator
from types import SimpleNamespace

import pytest
from flask import Flask
from flask_admin import Admin, AdminIndexView
from flask_admin.theme import Bootstrap4Theme

from daypass import Daypass
from daypass.compat.flask_login import current_user, login_required, logout_user
from daypass.testing import signed_in
from tests.conftest import close_app


class ForStaff(AdminIndexView):  # type: ignore[misc]
    def is_accessible(self) -> bool:
        return current_user.is_authenticated and "staff" in current_user.teams


@pytest.fixture
def shop(bare_host: Flask) -> Iterator[Flask]:
    daypass = Daypass(bare_host)
    daypass.profile_loader(lambda account_id: SimpleNamespace(teams=["staff"], discount=5))
    Admin(bare_host, index_view=ForStaff(), theme=Bootstrap4Theme())

    @bare_host.get("/")
    def home() -> str:
        user = current_user
        return f"{user.is_authenticated} {user.is_anonymous} {user.is_active} {user.get_id()}"

    @bare_host.get("/mine")
    @login_required
    def mine() -> str:
        return f"{current_user.name} {current_user.id == current_user.get_id()} {current_user.discount}"

    @bare_host.post("/leave")
    def leave() -> str:
        return str(logout_user())

    yield bare_host
    close_app(bare_host)


def test_a_visitor_is_anonymous(shop: Flask) -> None:
    client = shop.test_client()
    assert client.get("/").text == "False True False None"
    assert client.get("/mine").status_code == 401
    assert client.post("/leave").text == "False"


def test_an_account_is_authenticated_and_has_the_attributes_of_its_profile(shop: Flask) -> None:
    client = signed_in(shop, "alice")
    assert client.get("/").text.startswith("True False True ")
    assert client.get("/mine").text == "alice True 5"


def test_logging_out_ends_the_session_and_clears_the_cookie(shop: Flask) -> None:
    client = signed_in(shop, "alice")
    cookie = client.get_cookie("__Host-daypass", "shop.example.org")
    assert cookie
    assert client.post("/leave").text == "True"
    assert client.get_cookie("__Host-daypass", "shop.example.org") is None
    client.set_cookie("__Host-daypass", cookie.value, domain="shop.example.org")
    assert client.get("/mine").status_code == 401


def test_flask_admin_asks_it(shop: Flask) -> None:
    assert shop.test_client().get("/admin/").status_code == 403
    assert signed_in(shop, "alice").get("/admin/").status_code == 200


def test_an_attribute_that_nothing_has_is_an_attribute_error(shop: Flask) -> None:
    with shop.test_request_context(), pytest.raises(AttributeError):
        _ = current_user.__wrapped__
