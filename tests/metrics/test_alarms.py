"""The alarms in deploy/prometheus are valid, go off when they should, use metrics that exist, and have instructions."""

import re
import shutil
import subprocess

import pytest
from flask import Flask
from prometheus_client.parser import text_string_to_metric_families

from daypass.web.request_metrics import current_metrics
from tests.helpers.prerequisites import skip_or_fail
from tests.helpers.project import ROOT

FOLDER = ROOT / "deploy" / "prometheus"
ALARMS = (FOLDER / "alerts.yml").read_text()


@pytest.mark.parametrize(
    "arguments",
    [
        ("check", "rules", "alerts.yml"),
        ("test", "rules", "alerts_test.yml"),
        ("check", "config", "--syntax-only", "scrape.yml"),
    ],
)
def test_promtool_accepts_them(arguments: tuple[str, ...]) -> None:
    promtool = shutil.which("promtool")
    if promtool is None:
        skip_or_fail("promtool is not installed. Install the package prometheus.")
    result = subprocess.run([promtool, *arguments], cwd=FOLDER, capture_output=True, text=True)
    assert result.returncode == 0, result.stdout + result.stderr


def test_every_metric_that_they_use_exists(app: Flask) -> None:
    with app.app_context():
        families = list(text_string_to_metric_families(current_metrics().text().decode()))
    names = {name for family in families for name in (family.name, f"{family.name}_total")}
    assert set(re.findall(r"\bdaypass_\w+", ALARMS)) <= names


def test_every_alarm_has_instructions() -> None:
    rows = re.findall(r"^\| `(Daypass\w+)` \|", (ROOT / "docs" / "operations.md").read_text(), re.MULTILINE)
    assert sorted(rows) == sorted(re.findall(r"alert: (\w+)", ALARMS))
