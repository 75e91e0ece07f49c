"""`daypass migrate-database`"""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import Column, Integer, MetaData, Table, Text, create_engine, insert, select

from daypass.database.copying import replace_rows
from daypass.database.schema import downgrade
from daypass.program.app import create_app
from daypass.settings.environment import read_settings
from daypass.web.context import current_runtime
from tests.conftest import SECRET_KEY, Person, close_app, postgres_database
from tests.helpers.postgres import Postgres
from tests.helpers.rows import add_rows_of_every_kind, all_rows


@pytest.fixture
def target_url(environ: dict[str, str], postgres: Postgres, tmp_path: Path) -> Iterator[str]:
    """An empty database of the other kind."""
    if environ["DAYPASS_DATABASE_URL"].startswith("sqlite"):
        yield from postgres_database(postgres)
    else:
        yield f"sqlite:///{tmp_path}/target.sqlite3"


@pytest.fixture
def target(environ: dict[str, str], target_url: str) -> Iterator[Flask]:
    app = create_app(read_settings(environ | {"DAYPASS_DATABASE_URL": target_url}))
    yield app
    close_app(app)


def run(app: Flask, *arguments: str) -> tuple[int, str]:
    result = app.test_cli_runner().invoke(args=["migrate-database", *arguments])
    return result.exit_code, result.output


@pytest.mark.each_database
def test_everything_moves_to_the_other_kind_of_database_and_sessions_stay_valid(
    app: Flask, target: Flask, target_url: str, sign_in: Callable[..., Person]
) -> None:
    add_rows_of_every_kind(app)
    person = sign_in("carl")
    with app.app_context():
        before = all_rows(current_runtime().engine)
    code, printed = run(app, target_url.replace("postgres@", "postgres:hush@"))
    assert (code, "Copied 3 accounts and 3 sessions" in printed, "hush" in printed) == (0, True, False), printed
    with target.app_context():
        assert all_rows(current_runtime().engine) == before
    with app.app_context():
        assert all_rows(current_runtime().engine) == before
    assert target.test_client().get("/members", headers=person.bearer_header).status_code == 200


@pytest.mark.each_database
def test_a_target_with_accounts_is_left_alone(app: Flask, target_url: str, add_account: Callable[..., str]) -> None:
    add_account("alice")
    assert run(app, target_url)[0] == 0
    code, printed = run(app, target_url)
    assert (code, "has 1 account, which would be lost" in printed) == (1, True)
    code, printed = run(app, app_url(app))
    assert (code, "has 1 account, which would be lost" in printed) == (1, True)


def app_url(app: Flask) -> str:
    with app.app_context():
        return current_runtime().settings.database_url.render_as_string(hide_password=False)


def test_an_older_database_is_not_copied_and_not_upgraded(app: Flask, tmp_path: Path) -> None:
    with app.app_context():
        downgrade(current_runtime().engine, "0005")
    code, printed = run(app, f"sqlite:///{tmp_path}/target.sqlite3")
    assert (code, "does not have the tables of this version" in printed) == (1, True)
    assert not (tmp_path / "target.sqlite3").exists()


def test_an_address_that_is_no_database_of_ours_is_refused_without_its_password(app: Flask) -> None:
    code, printed = run(app, "mysql://daypass:hush@localhost/x")
    assert (code, "it must begin with sqlite:///" in printed, "hush" in printed) == (2, True, False)
    code, printed = run(app, "postgresql+psycopg://daypass:hush@127.0.0.1:1/x")
    assert (code, "cannot be used" in printed, "hush" in printed) == (1, True, False)


def test_the_terminal_says_where_the_secret_key_is(app: Flask, tmp_path: Path) -> None:
    assert "to the value of DAYPASS_SECRET_KEY" in run(app, f"sqlite:///{tmp_path}/one.sqlite3")[1]
    (tmp_path / "secret_key").write_text(f"{SECRET_KEY}\n")
    assert f"to the content of {tmp_path}/secret_key" in run(app, f"sqlite:///{tmp_path}/two.sqlite3")[1]


def test_generated_ids_go_on_after_the_copied_ones(postgres: Postgres, tmp_path: Path) -> None:
    """No table has generated ids yet; one that will have them must not collide after a move to PostgreSQL."""
    table = Table("generated", MetaData(), Column("id", Integer, primary_key=True), Column("value", Text))
    source_engine = create_engine(f"sqlite:///{tmp_path}/source.sqlite3")
    for url in postgres_database(postgres):
        target_engine = create_engine(url)
        for engine in (source_engine, target_engine):
            table.create(engine)
        with source_engine.begin() as source, target_engine.begin() as target:
            source.execute(insert(table), [{"value": "a"}, {"value": "b"}])
            replace_rows(source, target, [table])
            target.execute(insert(table), [{"value": "c"}])
            assert target.execute(select(table).order_by(table.c.id)).all() == [(1, "a"), (2, "b"), (3, "c")]
        target_engine.dispose()
    source_engine.dispose()
