"""The plug-in in somebody else's tests, in a run of pytest of its own."""

import subprocess
import sys
from pathlib import Path

from tests.helpers.code_blocks import code_blocks
from tests.helpers.project import ROOT
from tests.helpers.pytest_runs import run_pytest

TESTS = """
import pytest
from flask import Flask
from daypass import Daypass, current_pass, token_required

@pytest.fixture
def app(tmp_path):
    app = Flask("shop", instance_path=str(tmp_path))
    app.config.update(TESTING=True, DAYPASS_BASE_URL="https://shop.example.org")
    Daypass(app)

    @app.get("/orders")
    @token_required(role="staff")
    def orders():
        return current_pass.name

    yield app
    app.extensions["daypass"].close()

def test_the_staff_sees_the_orders(signed_in):
    assert signed_in("alice", roles=["staff"]).get("/orders").text == "alice"

def test_others_do_not(signed_in):
    assert signed_in("bob").get("/orders").status_code == 403
"""


def test_its_fixture_signs_in(unsearched_folder: Path) -> None:
    (unsearched_folder / "test_shop.py").write_text(TESTS)
    _, printed = run_pytest(unsearched_folder, "-p", "daypass.pytest_plugin")
    assert "2 passed" in printed


def test_the_documented_test_of_the_documented_app_passes(unsearched_folder: Path) -> None:
    app, *others = code_blocks("docs/extension.md", "python")
    (test,) = [code for code in others if "def test_the_staff_sees_the_orders" in code]
    (unsearched_folder / "app.py").write_text(app)
    (unsearched_folder / "test_orders.py").write_text(test)
    _, printed = run_pytest(unsearched_folder)
    assert "1 passed" in printed
    assert not (unsearched_folder / "instance" / "daypass.sqlite3").exists()


def test_it_imports_nothing_before_a_test_asks_for_it() -> None:
    code = "import sys, daypass.pytest_plugin; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert {name for name in done.stdout.split() if name.startswith("daypass.")} == {"daypass.pytest_plugin"}
