"""`daypass.testing.signed_in`: a client that is signed in, for the tests of apps."""

import pytest
from flask import Flask
from flask.testing import FlaskClient

from daypass.accounts.errors import InvalidName, InvalidRole
from daypass.testing import signed_in
from tests.extension.conftest import BASE_URL


def test_an_account_is_created_and_signed_in(host: Flask) -> None:
    client = signed_in(host, "carol", roles=["staff"])
    assert client.get("/orders").text == "Orders of carol"
    assert client.get("/staff").text == "For the staff"


def test_an_account_that_exists_keeps_its_roles_only_if_they_are_given(host: Flask) -> None:
    assert signed_in(host, "bob", roles=["staff"]).get("/staff").status_code == 200
    assert signed_in(host, "bob").get("/staff").status_code == 403


def test_forms_and_pages_of_daypass_work(host: Flask) -> None:
    client = signed_in(host, "alice")
    assert client.post("/orders").text == "Orders of alice"
    assert client.get("/auth/account").status_code == 200
    client.post("/auth/logout")
    assert client.get("/orders").status_code == 401


def test_other_options_of_requests_are_kept(host: Flask) -> None:
    assert signed_in(host, "alice").get("/orders", base_url="https://other.example").status_code == 401
    assert signed_in(host, "alice").get("/orders", base_url=BASE_URL).status_code == 200


def test_the_class_of_the_clients_of_the_app_is_kept(host: Flask) -> None:
    class Client(FlaskClient):
        pass

    host.test_client_class = Client
    assert isinstance(signed_in(host, "alice"), Client)


def test_a_name_or_role_that_cannot_be_is_refused(host: Flask) -> None:
    with pytest.raises(InvalidName):
        signed_in(host, "no name")
    with pytest.raises(InvalidRole):
        signed_in(host, "carol", roles=["no role!"])


def test_an_app_without_daypass_says_so() -> None:
    with pytest.raises(RuntimeError, match="This app has no Daypass"):
        signed_in(Flask("without"), "alice")
