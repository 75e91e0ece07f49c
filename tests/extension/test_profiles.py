"""The app's own record for an account."""

from dataclasses import dataclass

import pytest
from flask import Flask

from daypass import Daypass, current_pass, token_required
from daypass.testing import signed_in
from tests.conftest import close_app


@dataclass
class Customer:
    account_id: str
    discount: int


@pytest.fixture
def loaded() -> list[str]:
    """The ids for which a profile was loaded."""
    return []


@pytest.fixture
def shop(bare_host: Flask, loaded: list[str]) -> Flask:
    daypass = Daypass(bare_host)

    @daypass.profile_loader
    def customer(account_id: str) -> Customer:
        loaded.append(account_id)
        return Customer(account_id, discount=5)

    @bare_host.get("/discount")
    @token_required
    def discount() -> str:
        return (
            f"{customer().discount} {current_pass.profile.discount} {customer().account_id == current_pass.account_id}"
        )

    @bare_host.get("/name")
    @token_required
    def name() -> str:
        return current_pass.name

    @bare_host.get("/open")
    def open_page() -> str:
        return str(current_pass.profile.discount)

    return bare_host


def test_a_profile_is_loaded_once_per_request(shop: Flask, loaded: list[str]) -> None:
    client = signed_in(shop, "alice")
    for requests in (1, 2):
        assert client.get("/discount").text == "5 5 True"
        assert len(loaded) == requests
    close_app(shop)


def test_a_profile_that_is_not_used_is_not_loaded(shop: Flask, loaded: list[str]) -> None:
    assert signed_in(shop, "alice").get("/name").text == "alice"
    assert loaded == []
    close_app(shop)


def test_visitors_without_a_pass_are_asked_to_sign_in(shop: Flask, loaded: list[str]) -> None:
    assert shop.test_client().get("/open").status_code == 401
    assert loaded == []
    close_app(shop)


def test_an_app_without_a_loader_says_so(host: Flask) -> None:
    @token_required
    def view() -> str:
        return str(current_pass.profile)

    host.add_url_rule("/profile", "profile", view)
    with pytest.raises(RuntimeError, match="This app loads no profiles"):
        signed_in(host, "alice").get("/profile")
