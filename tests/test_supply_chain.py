"""What is installed: lock files with hashes, licences, and a bill of materials."""

import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from packaging.version import Version

from tests.helpers.licences import PINNED, document, locked, normalized
from tests.helpers.project import ROOT

LOCKS = {
    "requirements.lock": ["requirements.txt"],
    "tests/requirements.lock": ["requirements.txt", "tests/requirements.txt"],
    "benchmarks/requirements.lock": ["benchmarks/requirements.txt"],
}
BOUND = re.compile(r"([A-Za-z0-9_.-]+)(?:\[[\w,]+\])?>=(\S+)")  # a requirement of the package
COPYLEFT = re.compile(r"(?<!L)GPL|AGPL|SSPL|Unknown", re.IGNORECASE)


def pinned(requirements: str) -> dict[str, str]:
    """The packages that a requirements file pins."""
    found = re.findall(r"^([A-Za-z0-9_.-]+)(?:\[[\w,]+\])?==(\S+)", (ROOT / requirements).read_text(), re.MULTILINE)
    return {normalized(name): version for name, version in found}


@pytest.mark.parametrize(("lock", "sources"), LOCKS.items())
def test_a_lock_file_has_every_pinned_package_in_its_version(lock: str, sources: list[str]) -> None:
    """Otherwise: make lock."""
    wanted = {name: version for source in sources for name, version in pinned(source).items()}
    assert wanted.items() <= locked(lock).items()


def test_the_package_requires_what_the_requirements_pin() -> None:
    """At least an older version, and PostgreSQL's driver as an extra."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = [each for extra in project["optional-dependencies"].values() for each in extra]
    bounds = BOUND.findall("\n".join(project["dependencies"] + extras))
    assert len(bounds) == len(project["dependencies"] + extras)
    lowest = {normalized(name): Version(version) for name, version in bounds}
    exact = {name: Version(version) for name, version in pinned("requirements.txt").items()}
    assert lowest.keys() == exact.keys()
    assert [name for name, version in exact.items() if version < lowest[name]] == []


@pytest.mark.parametrize("lock", LOCKS)
def test_every_package_of_a_lock_file_has_hashes_and_no_address(lock: str) -> None:
    text = (ROOT / lock).read_text()
    entries = re.split(r"\n(?=\S)", text.strip())
    assert len(entries) == len(PINNED.findall(text)) > 20
    assert all(re.search(r"--hash=sha256:[0-9a-f]{64}", entry) for entry in entries)
    assert "://" not in text
    assert "--index" not in text


@pytest.mark.parametrize("path", ["Makefile", "Dockerfile", "docs/operations.md", "deploy/daypass.service"])
def test_everything_is_installed_from_a_lock_file(path: str) -> None:
    installs = re.findall(r"(?i)pip\)? install.*", (ROOT / path).read_text())
    assert installs
    assert all("--require-hashes" in line and ".lock" in line for line in installs), installs


def test_the_list_of_licences_is_that_of_the_lock_file() -> None:
    """Otherwise: make licences."""
    assert (ROOT / "docs/licences.md").read_text() == document()


def test_no_package_is_under_a_licence_that_would_bind_daypass() -> None:
    rows = [line for line in document().splitlines() if line.startswith("| ") and "==" not in line]
    assert len(rows) > 20
    assert [row for row in rows if COPYLEFT.search(row)] == []


def test_the_bill_of_materials_names_every_package_with_its_version(tmp_path: Path) -> None:
    command = re.findall(r"cyclonedx-py (.*) -o sbom.json", (ROOT / "Makefile").read_text())[0].split()
    output = tmp_path / "sbom.json"
    program = Path(sys.executable).parent / "cyclonedx-py"
    subprocess.run([str(program), *command, "-o", str(output)], cwd=ROOT, check=True, capture_output=True)
    sbom = json.loads(output.read_text())
    assert sbom["bomFormat"] == "CycloneDX"
    listed = {normalized(component["name"]): component["version"] for component in sbom["components"]}
    assert locked().items() <= listed.items()
    assert sbom["metadata"]["component"]["name"] == "daypass"
