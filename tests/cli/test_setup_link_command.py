"""`daypass setup-link`: a new link for the first account."""

from flask import Flask

from tests.conftest import PAGE, PASSWORD
from tests.helpers.setup_links import new_setup_code


def status(app: Flask, code: str) -> int:
    return app.test_client().get("/setup", query_string={"code": code}, headers=PAGE).status_code


def test_it_prints_a_link_that_works_and_revokes_the_one_before(app: Flask) -> None:
    former = new_setup_code(app)
    result = app.test_cli_runner().invoke(args=["setup-link"])
    address, _, code = result.output.strip().partition("?code=")
    assert (result.exit_code, address) == (0, "http://127.0.0.1:8000/setup")
    assert [status(app, former), status(app, code)] == [410, 200]


def test_once_an_account_exists_it_says_so_and_prints_no_link(app: Flask) -> None:
    run = app.test_cli_runner().invoke
    run(args=["user", "add", "alice", "--password-stdin"], input=PASSWORD)
    result = run(args=["setup-link"])
    assert result.exit_code == 1
    assert "Daypass is already set up." in result.output
    assert "/setup" not in result.output
