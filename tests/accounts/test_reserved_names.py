"""Names that nobody can sign up with, since they suggest authority."""

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from daypass.accounts import queries
from daypass.accounts.reserved_names import is_reserved
from daypass.database.models import Account
from daypass.database.transactions import write_transaction
from daypass.web.context import current_db
from tests.conftest import PAGE, PASSWORD
from tests.helpers.setup_links import new_setup_code

RFC_2142 = "info marketing sales support abuse noc security postmaster hostmaster usenet news webmaster www uucp ftp"
AUTHORITIES = "admin administrator webmaster hostmaster postmaster"  # RFC 2142's, and two more: Baseline Requirements
PRIVILEGED = "root superuser sysadmin system daypass nobody anonymous"
LOOK_ALIKES = (
    "admin_ _admin a.d.m.i.n ad-min adm1n adm.ln 4dmin adrnin r00t r.0.0.t secur1ty "
    "no.reply noreply mailerdaemon 5upport sa1es s.u vvebmaster vvvvvv"
)
FREE = (
    "alice bob mallory adminton roots rooty sadmin information newsom supporter sue "
    "security.guard admin.alice admin2 ... -_- 1000000 0._-z"
)


@pytest.mark.parametrize("name", sorted({*RFC_2142.split(), *AUTHORITIES.split(), *PRIVILEGED.split()}))
def test_a_name_with_authority_is_reserved(name: str) -> None:
    assert is_reserved(name)


@pytest.mark.parametrize("name", LOOK_ALIKES.split())
def test_a_name_that_reads_like_a_reserved_one_is_reserved(name: str) -> None:
    assert is_reserved(name)


@pytest.mark.parametrize("name", FREE.split())
def test_other_names_are_free(name: str) -> None:
    assert not is_reserved(name)


def stored(app: Flask) -> list[str]:
    with app.app_context():
        return list(current_db().scalars(select(Account.name)))


@pytest.mark.each_database
class TestWhereSignUpIsOpen:
    @pytest.fixture
    def environ(self, environ: dict[str, str]) -> dict[str, str]:
        return environ | {"DAYPASS_SIGNUP": "open"}

    @pytest.mark.parametrize("name", ["admin", " Admin ", "a.d.m.i.n", "security"])
    def test_a_reserved_name_is_refused_with_a_sentence_that_says_so(
        self, app: Flask, client: FlaskClient, name: str
    ) -> None:
        response = client.post("/signup", headers=PAGE, data={"username": name, "password": PASSWORD})
        assert response.status_code == 422
        assert "This name is reserved. Choose another one." in response.text
        assert stored(app) == []

    def test_the_first_account_and_the_terminal_may_have_one(self, app: Flask, client: FlaskClient) -> None:
        data = {"username": "admin", "password": PASSWORD, "code": new_setup_code(app)}
        assert client.post("/setup", headers=PAGE, data=data).status_code == 303
        run = app.test_cli_runner().invoke
        assert run(args=["user", "add", "security", "--password-stdin"], input=PASSWORD).exit_code == 0
        assert sorted(stored(app)) == ["admin", "security"]

    def test_an_account_that_has_one_already_keeps_it(
        self, app: Flask, client: FlaskClient, add_account: Callable[..., str]
    ) -> None:
        add_account("root")
        with app.app_context(), write_transaction(current_db()):
            assert queries.find(current_db(), "root").name == "root"
        assert client.post("/login", json={"username": "root", "password": PASSWORD}).status_code == 200
