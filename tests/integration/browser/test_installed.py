"""The package, installed into an empty environment: the command in an empty folder, and the extension in apps."""

import json
import re
import shutil
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.conftest import PASSWORD
from tests.helpers.code_blocks import code_blocks
from tests.helpers.installation import Installation, build_wheel
from tests.helpers.project import ROOT
from tests.helpers.server import free_port
from tests.helpers.tokens import bearer_header
from tests.integration.browser.conftest import Visit, expect_heading, fill_in


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_wheel(tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="module")
def installation(wheel: Path) -> Iterator[Installation]:
    """Outside of pytest's folders, in which the tests of leaks search every file."""
    with tempfile.TemporaryDirectory() as folder:
        yield Installation.of(wheel, Path(folder) / "venv")


@pytest.fixture
def empty(unsearched_folder: Path) -> Path:
    folder = unsearched_folder / "empty"
    folder.mkdir()
    return folder


@pytest.fixture
def servers(empty: Path) -> Iterator[ExitStack]:
    """The servers of a test. They outlast `visit`, because a page may still load files when the test ends."""
    with ExitStack() as stack:
        yield stack


@pytest.fixture
def visit(servers: ExitStack, visit: Visit) -> Visit:
    """`visit`, which checks its pages while the servers still run."""
    return visit


def test_the_wheel_has_every_file_of_the_package_the_templates_and_the_static_files(wheel: Path) -> None:
    expected = {f"daypass/{path.relative_to(ROOT / 'daypass')}" for path in files(ROOT / "daypass")}
    expected |= {f"daypass/{path.relative_to(ROOT)}" for name in ("templates", "static") for path in files(ROOT / name)}
    packed = {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}
    assert packed == expected
    assert {"daypass/py.typed", "daypass/static/base.css", "daypass/templates/daypass/pages/login.html"} <= packed
    assert "daypass/database/migrations/versions/0001_accounts_sessions_keys.py" in packed


def files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file() and "__pycache__" not in path.parts]


def test_the_command_serves_an_empty_folder(
    visit: Visit, servers: ExitStack, installation: Installation, empty: Path
) -> None:
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    log = servers.enter_context(installation.serving(f"{url}/login", "daypass", "--port", str(port), folder=empty))
    assert {path.name for path in (empty / "instance").iterdir()} >= {"daypass.sqlite3", "secret_key"}
    (link,) = re.findall(r"\S+/setup\?code=\S+", log.read_text())
    page = visit(url=url)
    page.goto(link)
    fill_in(page, "Create administrator account", name="alice", password=PASSWORD)
    expect_heading(page, "Your pages")
    assert "alice" in installation.run("daypass", "user", "list", folder=empty)


def test_the_command_protects_a_folder(
    visit: Visit, servers: ExitStack, installation: Installation, empty: Path
) -> None:
    port = free_port()
    url, arguments = f"http://127.0.0.1:{port}", ("--site", "./public", "--port", str(port))
    (empty / "public").mkdir()
    (empty / "public" / "index.html").write_text("<h1>For members only</h1>")
    added = installation.run("daypass", "user", "add", "bob", "--password-stdin", folder=empty, stdin=PASSWORD)
    assert added == "Added bob.\n"
    servers.enter_context(installation.serving(f"{url}/-/login", "daypass", *arguments, folder=empty))
    page = visit(url=url)
    page.goto("/")
    fill_in(page, "Sign in", name="bob", password=PASSWORD)
    expect(page.get_by_role("heading", name="For members only")).to_be_visible()


def test_another_folder_may_hold_the_database(installation: Installation, empty: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    installation.run("daypass", "user", "list", folder=empty, DAYPASS_INSTANCE=str(elsewhere))
    assert (elsewhere / "daypass.sqlite3").exists()
    assert list(empty.iterdir()) == []


def test_postgresql_needs_the_extra(installation: Installation, empty: Path) -> None:
    environ = {"DAYPASS_DATABASE_URL": "postgresql+psycopg://daypass@127.0.0.1/daypass"}
    with pytest.raises(AssertionError, match=re.escape("pip install 'daypass[postgres]'")):
        installation.run("daypass", "user", "list", folder=empty, **environ)


def test_the_first_example_of_the_documentation_works(
    visit: Visit, servers: ExitStack, installation: Installation, empty: Path
) -> None:
    (empty / "app.py").write_text(code_blocks("docs/extension.md", "python")[0])
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    added = installation.run(
        "flask", "daypass", "user", "add", "alice", "--admin", folder=empty, stdin=f"{PASSWORD}\n" * 2
    )
    assert added.endswith("Added alice.\n")
    arguments = ("run", "--port", str(port))
    servers.enter_context(
        installation.serving(f"{url}/orders", "flask", *arguments, folder=empty, DAYPASS_BASE_URL=url)
    )
    page = visit(url=url)
    page.goto("/orders")
    fill_in(page, "Sign in", name="alice", password=PASSWORD)
    expect(page.locator("body")).to_have_text("Hello, alice.")
    for path, heading in {
        "/auth/account": "Your pass",
        "/auth/admin/accounts": "Accounts",
        "/auth/lab": "Token lab",
    }.items():
        page.goto(path)
        expect_heading(page, heading)
    page.goto("/auth/account/sessions")
    expect_heading(page, "Where you are signed in")
    page.get_by_role("button", name="Sign out of this browser").click()
    page.goto("/orders")
    expect(page.get_by_label("Password")).to_be_visible()


def start_example(servers: ExitStack, name: str, installation: Installation, folder: Path, **environ: str) -> str:
    """Run an example as its first lines say, with the account alice, who has the role staff; returns its address."""
    app = shutil.copytree(ROOT / "examples" / name, folder / name)
    url = f"http://127.0.0.1:{free_port()}"
    settings = {"DAYPASS_BASE_URL": url} | environ
    if "ISSUER" not in environ:
        add_alice(installation, ("flask", "daypass"), app, **settings)
    port = url.rpartition(":")[2]
    servers.enter_context(
        installation.serving(f"{url}/missing", "flask", "run", "--port", port, folder=app, **settings)
    )
    return url


def add_alice(installation: Installation, command: tuple[str, ...], folder: Path, **environ: str) -> None:
    """Add the account alice, with the role staff."""
    for words, typed in ((("add", "alice", "--password-stdin"), PASSWORD), (("roles", "alice", "staff"), "")):
        installation.run(*command, "user", *words, folder=folder, stdin=typed, **environ)


def sign_in(page: Page, path: str) -> None:
    page.goto(path)
    fill_in(page, "Sign in", name="alice", password=PASSWORD)


def test_the_notes_are_kept(visit: Visit, servers: ExitStack, installation: Installation, empty: Path) -> None:
    page = visit(url=start_example(servers, "notes", installation, empty))
    sign_in(page, "/")
    page.get_by_label("New note").fill("Buy milk")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("listitem")).to_have_text("Buy milk")


def test_the_staff_administers(visit: Visit, servers: ExitStack, installation: Installation, empty: Path) -> None:
    pin = re.search(r"^Flask-Admin==\S+", (ROOT / "tests/requirements.txt").read_text(), re.MULTILINE)
    assert pin
    installation.add(pin[0])
    page = visit(url=start_example(servers, "admin", installation, empty))
    sign_in(page, "/admin/")
    expect(page.get_by_role("heading", name="Home")).to_be_visible()


def test_the_api_takes_a_token_that_was_created_in_the_browser(
    visit: Visit, servers: ExitStack, installation: Installation, empty: Path
) -> None:
    page = visit(url=start_example(servers, "api", installation, empty))
    sign_in(page, "/auth/account/tokens")
    fill_in(page, "Create token", name="my script")
    token = page.locator(".token").inner_text().replace("\n", "").strip()
    answer = page.context.request.get("/orders", headers=bearer_header(token))
    assert answer.json()["orders"] == ["tea", "biscuits"]


def test_a_second_service_accepts_the_pass_of_the_first(
    visit: Visit, servers: ExitStack, installation: Installation, empty: Path
) -> None:
    port = free_port()
    issuer, environ = f"http://127.0.0.1:{port}", {"DAYPASS_ALGORITHM": "ES256"}
    add_alice(installation, ("daypass",), empty, **environ)
    servers.enter_context(
        installation.serving(f"{issuer}/login", "daypass", "--port", str(port), folder=empty, **environ)
    )
    url = start_example(servers, "service", installation, empty, ISSUER=issuer)
    page = visit(url=url, other_urls=[issuer])
    sign_in(page, "/reports")
    expect_heading(page, "Your pages")
    page.goto(f"{url}/reports")
    assert json.loads(page.locator("body").inner_text())["reader"] == "alice"
