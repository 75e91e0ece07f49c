"""What editors know of Daypass: pyright checks the examples, and an app that shows what it infers.

`make lint` checks the examples with mypy.
"""

from pathlib import Path

from tests.helpers.project import ROOT
from tests.helpers.pyright import Finding, check_types

APP = """
from dataclasses import dataclass

from flask import Flask

from daypass import Daypass, LegacyAccount, current_pass, token_required

daypass = Daypass()


@dataclass
class Customer:
    discount: int


@daypass.profile_loader
def customer(account_id: str) -> Customer:
    return Customer(5)


@daypass.legacy_check
def old_user(name: str, password: str) -> LegacyAccount | None:
    return LegacyAccount(roles=["staff"], email="ann@example.org")


@token_required(role="staff")
def view(number: int) -> str:
    reveal_type(current_pass.account_id)
    reveal_type(current_pass.roles)
    reveal_type(current_pass.expires_at)
    reveal_type(customer())
    return current_pass.name


reveal_type(daypass.sign_out())
app = Flask(__name__)
app.add_url_rule("/view/<int:number>", view_func=view)
"""
INFERRED = [
    'Type of "current_pass.account_id" is "str"',
    'Type of "current_pass.roles" is "tuple[str, ...]"',
    'Type of "current_pass.expires_at" is "datetime"',
    'Type of "customer()" is "Customer"',
    'Type of "daypass.sign_out()" is "bool"',
]


def test_pyright_finds_nothing_in_the_examples() -> None:
    assert check_types(ROOT / "examples") == []


def test_pyright_infers_the_types_of_the_public_names(tmp_path: Path) -> None:
    app = tmp_path / "app.py"
    app.write_text(APP)
    assert check_types(app) == [Finding("information", message) for message in INFERRED]


def test_pyright_finds_mistakes_in_the_use_of_daypass(tmp_path: Path) -> None:
    app = tmp_path / "app.py"
    app.write_text(APP + "current_pass.acount_id\nview('7')\ncustomer(7)\ndaypass.init_app(app, prefix='/x')\n")
    mistakes = [found.message for found in check_types(app) if found.severity == "error"]
    assert len(mistakes) == 4
    assert 'Cannot access attribute "acount_id"' in mistakes[0]
