"""A write transaction is never nested in another one."""

import pytest
from flask import Flask
from sqlalchemy import select

from daypass.database.models import FormerName
from daypass.database.transactions import write_transaction
from daypass.web.context import current_db

pytestmark = pytest.mark.each_database


def names(app: Flask) -> list[str]:
    with app.app_context():
        return list(current_db().scalars(select(FormerName.name)))


def test_a_nested_one_is_an_error_and_nothing_of_the_outer_one_is_kept(app: Flask) -> None:
    with app.app_context(), pytest.raises(RuntimeError, match="inside another"), write_transaction(current_db()) as db:
        db.add(FormerName(name="alice"))
        db.flush()
        with write_transaction(db):
            db.add(FormerName(name="bob"))
    assert names(app) == []


def test_after_an_error_the_next_one_works(app: Flask) -> None:
    with app.app_context():
        db = current_db()
        with pytest.raises(ZeroDivisionError), write_transaction(db):
            raise ZeroDivisionError
        with write_transaction(db):
            db.add(FormerName(name="alice"))
    assert names(app) == ["alice"]
