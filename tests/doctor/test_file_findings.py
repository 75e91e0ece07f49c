"""Findings about files that others on the machine can read."""

from pathlib import Path

import pytest
from sqlalchemy.engine import make_url

from daypass.doctor.files import check_database_files, check_settings_file, check_site
from tests.conftest import SECRET_KEY
from tests.doctor.findings import only_finding

KEY = {"DAYPASS_SECRET_KEY": SECRET_KEY}
POSTGRES = "postgresql+psycopg://daypass:hazel@db.example.org/daypass"


@pytest.fixture
def dotenv(tmp_path: Path) -> Path:
    path = tmp_path / ".env"
    path.touch(0o644)
    return path


@pytest.mark.parametrize(
    "values",
    [
        KEY,
        {"DAYPASS_SECRET_KEY_FALLBACKS": SECRET_KEY},
        {"DAYPASS_PROXY_SECRET": SECRET_KEY},
        {"DAYPASS_DATABASE_URL": POSTGRES},
    ],
    ids=lambda values: next(iter(values)),
)
@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604])
def test_a_settings_file_with_a_secret_that_others_can_read_is_wrong(
    dotenv: Path, values: dict[str, str], mode: int
) -> None:
    dotenv.chmod(mode)
    found = only_finding(check_settings_file(dotenv, values))
    assert found.is_problem
    assert next(iter(values)) in found.message
    assert SECRET_KEY not in found.message and "hazel" not in found.message
    assert f"chmod 600 {dotenv}" in found.remedy


def test_a_settings_file_that_only_its_owner_can_read_is_not_mentioned(dotenv: Path) -> None:
    dotenv.chmod(0o600)
    assert list(check_settings_file(dotenv, KEY)) == []


@pytest.mark.parametrize(
    "values",
    [
        {},
        {"DAYPASS_PORT": "8001"},
        {"DAYPASS_SECRET_KEY": None},
        {"DAYPASS_DATABASE_URL": "postgresql+psycopg://localhost/daypass"},
        {"DAYPASS_DATABASE_URL": "no url"},
    ],
)
def test_a_settings_file_without_a_secret_may_be_read_by_others(dotenv: Path, values: dict[str, str | None]) -> None:
    assert list(check_settings_file(dotenv, values)) == []


def test_a_settings_file_that_is_not_there_is_not_mentioned(tmp_path: Path) -> None:
    assert list(check_settings_file(tmp_path / ".env", KEY)) == []


@pytest.mark.parametrize("name", ["daypass.sqlite3", "daypass.sqlite3-wal", "daypass.sqlite3-shm"])
def test_a_file_of_the_database_that_others_can_read_is_wrong(tmp_path: Path, name: str) -> None:
    for each in ("daypass.sqlite3", "daypass.sqlite3-wal", "daypass.sqlite3-shm"):
        (tmp_path / each).touch(0o600)
    url = make_url(f"sqlite:///{tmp_path}/daypass.sqlite3")
    assert list(check_database_files(url)) == []
    (tmp_path / name).chmod(0o640)
    found = only_finding(check_database_files(url))
    assert found.is_problem
    assert f"{tmp_path / name} can be read" in found.message


@pytest.mark.parametrize(("mode", "wrong"), [(0o700, False), (0o755, False), (0o770, True), (0o707, True)])
def test_a_folder_that_others_can_write_into_is_wrong(tmp_path: Path, mode: int, wrong: bool) -> None:
    tmp_path.chmod(mode)
    try:
        findings = list(check_database_files(make_url(f"sqlite:///{tmp_path}/daypass.sqlite3")))
    finally:
        tmp_path.chmod(0o700)
    assert [finding.is_problem for finding in findings] == ([True] if wrong else [])


def test_a_database_that_is_no_file_is_not_looked_for() -> None:
    assert list(check_database_files(make_url(POSTGRES))) == []


@pytest.mark.parametrize("site", ["", "..", "link"])
def test_a_site_with_daypass_in_it_is_wrong(tmp_path: Path, site: str) -> None:
    app = tmp_path / "daypass"
    app.mkdir()
    (app / "link").symlink_to(tmp_path)
    assert only_finding(check_site(app / site, app, tmp_path / "none" / ".env")).is_problem


def test_a_site_beside_daypass_or_below_it_is_not_mentioned(tmp_path: Path) -> None:
    (tmp_path / "daypass" / "public").mkdir(parents=True)
    (tmp_path / "daypass-docs").mkdir()
    (tmp_path / "daypass" / ".env").touch()
    for site in (tmp_path / "daypass" / "public", tmp_path / "daypass-docs", None):
        assert list(check_site(site, tmp_path / "daypass", tmp_path / "daypass" / ".env")) == []


def test_settings_inside_of_the_site_are_worth_knowing(tmp_path: Path) -> None:
    site, app, settings_file = tmp_path / "site", tmp_path / "app", tmp_path / "site" / ".env"
    site.mkdir()
    app.mkdir()
    assert list(check_site(site, app, settings_file)) == []
    settings_file.touch()
    assert not only_finding(check_site(site, app, settings_file)).is_problem
