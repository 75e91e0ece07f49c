"""The committed results, the charts, and the requirements of the benchmark."""

import re
from pathlib import Path

import pytest

from benchmarks import results
from benchmarks.measuring.spread import Spread
from benchmarks.targets import TARGETS
from tests.helpers.licences import locked
from tests.helpers.project import ROOT

REQUIREMENTS = (ROOT / "benchmarks/requirements.txt").read_text().splitlines()


def test_results_are_read_as_they_were_written(tmp_path: Path) -> None:
    figures, path = {"gated": Spread(1.1, 1.0, 1.2)}, tmp_path / "results.json"
    results.write(figures, {"open.cpu": [1.0, 2.0, 3.0]}, 60, path)
    document = results.read(path)
    assert results.spreads(document, "figures") == figures
    assert results.spreads(document, "samples") == {"open.cpu": Spread(2.0, 1.5, 2.5)}


def test_the_committed_results_have_exactly_the_figures_of_the_targets() -> None:
    """Otherwise: make bench."""
    assert list(results.read()["figures"]) == [target.name for target in TARGETS]


@pytest.mark.parametrize("document", ["README.md", "benchmarks/README.md"])
def test_documents_show_charts_that_exist_light_and_dark(document: str) -> None:
    text = (ROOT / document).read_text()
    pictures = re.findall(r"<picture>.*?</picture>", text, re.DOTALL)
    assert pictures
    for picture in pictures:
        dark = re.findall(r'prefers-color-scheme: dark\)" srcset="([^"]+-dark\.svg)"', picture)
        light = re.findall(r'<img alt="[^"]+" src="([^"]+-light\.svg)"', picture)
        assert [name.replace("-dark", "-light") for name in dark] == light
        assert all((ROOT / document).parent.joinpath(name).exists() for name in (*dark, *light))


def test_every_requirement_is_pinned_and_explained() -> None:
    assert len(REQUIREMENTS) > 10
    for line in REQUIREMENTS:
        assert re.fullmatch(r"[A-Za-z0-9-]+(\[\w+\])?==\d\S+ +# \S.+", line), line


def test_flask_and_the_server_have_the_versions_of_daypass() -> None:
    """Otherwise the comparison would be with another Flask."""
    own, peers = locked("requirements.lock"), locked("benchmarks/requirements.lock")
    assert [peers[name] for name in ("flask", "werkzeug", "granian", "jinja2")] == [
        own[name] for name in ("flask", "werkzeug", "granian", "jinja2")
    ]
