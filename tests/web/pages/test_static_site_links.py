"""Symbolic links in a site: the rules apply to the link and to its target."""

import itertools
import os
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from tests.conftest import PAGE, Person

SECRET = "kept for staff"
RULES = """
[[rule]]
host = "127.0.0.1"
path = "/closed"
allow = { roles = ["staff"] }

[[rule]]
host = "127.0.0.1"
path = "/**/*.pdf"
allow = { roles = ["staff"] }

[[rule]]
host = "127.0.0.1"
path = "/nobody"
allow = { roles = ["nobody-has-it"] }

[[rule]]
host = "127.0.0.1"
path = "/read-only"
methods = ["GET"]
allow = "public"

[[rule]]
host = "127.0.0.1"
path = "/open"
allow = "public"

[[rule]]
host = "127.0.0.1"
path = "/also-open"
allow = "public"
"""
FILES = {
    "open/index.html": "open to all",
    "open/a.txt": "open to all",
    "also-open/index.html": "open to all",
    "also-open/a.txt": "open to all",
    "closed/secret.html": SECRET,
    "closed/index.html": SECRET,
    "closed/404.html": SECRET,
    "closed/deep/index.html": SECRET,
    "closed/a;b.txt": SECRET,
    "members/a.txt": "for whoever is signed in",
    "nobody/secret.html": SECRET,
    "open/report": "open to all",
}
LINKS = {
    "open/file": "../closed/secret.html",
    "open/folder": "../closed",
    "open/absolute": "{folder}/closed/secret.html",
    "open/twice": "file",
    "open/page/index.html": "../../closed/index.html",
    "open/page-of-a-file/index.html": "../../closed/secret.html",
    "open/members": "../members",
    "open/inside": "a.txt",
    "open/back": "../also-open",
    "open/unclear": "../closed/a;b.txt",
    "open/report.pdf": "report",
    "members/a.pdf": "../open/a.txt",
    "members/never": "../nobody/secret.html",
    "closed/out": "../open/a.txt",
}
# Links to a file, to a folder and its content, over two links, and to a folder's page.
TO_CLOSED = [
    "/open/file",
    "/open/absolute",
    "/open/twice",
    "/open/folder/",
    "/open/folder/secret.html",
    "/open/folder/index.html",
    "/open/folder/deep/",
    "/open/page/",
    "/open/page/index.html",
    "/open/page-of-a-file/",
]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "public"
    for name, text in FILES.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    for name, target in LINKS.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).symlink_to(target.format(folder=folder))
    return folder


@pytest.fixture
def environ(environ: dict[str, str], folder: Path, tmp_path: Path) -> dict[str, str]:
    (tmp_path / "rules.toml").write_text(RULES)
    return environ | {"DAYPASS_SITE": str(folder), "DAYPASS_RULES": str(tmp_path / "rules.toml")}


@pytest.fixture
def alice(sign_in: Callable[..., Person]) -> FlaskClient:
    """A client of alice, who has no role."""
    return sign_in("alice").client


@pytest.fixture
def staff(sign_in: Callable[..., Person]) -> FlaskClient:
    return sign_in("bob", ["staff"]).client


@pytest.fixture(autouse=True)
def _no_file_stays_open(folder: Path) -> Iterator[None]:
    yield
    opened = [os.path.realpath(f"/proc/self/fd/{fd}") for fd in os.listdir("/proc/self/fd")]
    assert [path for path in opened if path.startswith(str(folder))] == []


@pytest.mark.parametrize("path", TO_CLOSED)
def test_a_link_to_a_closed_part_opens_it_only_to_visitors_with_access_to_that_part(
    client: FlaskClient, alice: FlaskClient, staff: FlaskClient, path: str
) -> None:
    responses = [visitor.get(path, headers=PAGE, buffered=True) for visitor in (client, alice, staff)]
    assert [response.status_code for response in responses] == [401, 403, 200]
    assert [SECRET in response.text for response in responses] == [False, False, True]
    assert ["ETag" in response.headers for response in responses] == [False, False, True]


@pytest.mark.parametrize("path", TO_CLOSED)
@pytest.mark.parametrize(
    ("method", "headers"),
    [("HEAD", {}), ("GET", {"Range": "bytes=0-3"}), ("HEAD", {"Range": "bytes=0-3"}), ("GET", {"If-None-Match": "*"})],
)
def test_no_kind_of_request_reveals_anything_about_a_closed_file(
    client: FlaskClient, alice: FlaskClient, path: str, method: str, headers: dict[str, str]
) -> None:
    for visitor, status in ((client, 401), (alice, 403)):
        response = visitor.open(path, method=method, headers=PAGE | headers, buffered=True)
        assert response.status_code == status
        assert not {"ETag", "Last-Modified", "Content-Range", "Accept-Ranges"} & set(response.headers.keys())


def test_whoever_may_see_it_gets_a_part_and_the_head_through_a_link(staff: FlaskClient) -> None:
    part = staff.get("/open/file", headers=PAGE | {"Range": "bytes=0-3"}, buffered=True)
    assert (part.status_code, part.text) == (206, SECRET[:4])
    head = staff.head("/open/file", headers=PAGE)
    assert (head.status_code, head.headers["Content-Length"]) == (200, str(len(SECRET)))


@pytest.mark.parametrize("path", ["/open/folder", "/open/folder/deep", "/open/folder/nothing", "/open/folder/deep/x"])
def test_a_link_does_not_reveal_the_content_of_a_closed_folder(
    client: FlaskClient, alice: FlaskClient, staff: FlaskClient, path: str
) -> None:
    responses = [visitor.get(path, headers=PAGE, buffered=True).status_code for visitor in (client, alice, staff)]
    assert responses == [401, 403, 404 if path[-1] in "gx" else 302]


def test_a_link_to_a_part_for_members_asks_strangers_to_sign_in(client: FlaskClient, alice: FlaskClient) -> None:
    assert client.get("/open/members/a.txt", headers=PAGE, buffered=True).status_code == 401
    assert alice.get("/open/members/a.txt", headers=PAGE, buffered=True).text == "for whoever is signed in"


@pytest.mark.parametrize("path", ["/open/", "/open/a.txt", "/open/inside", "/open/back/", "/open/back/a.txt"])
def test_a_link_from_one_public_part_to_another_is_public(client: FlaskClient, path: str) -> None:
    for method in ("GET", "HEAD"):
        response = client.open(path, method=method, headers=PAGE, buffered=True)
        assert response.status_code == 200
    assert client.get(path, headers=PAGE, buffered=True).text == "open to all"


def test_the_path_of_the_link_itself_must_be_open_too(
    client: FlaskClient, alice: FlaskClient, staff: FlaskClient
) -> None:
    for path in ("/closed/out", "/members/a.pdf", "/open/report.pdf"):
        responses = [visitor.get(path, headers=PAGE, buffered=True).status_code for visitor in (client, alice, staff)]
        assert responses == [401, 403, 200], path


def test_a_link_to_what_nobody_may_see_is_for_nobody(staff: FlaskClient) -> None:
    assert staff.get("/members/never", headers=PAGE, buffered=True).status_code == 403


def test_a_link_to_a_path_with_two_readings_is_refused_like_that_path(staff: FlaskClient) -> None:
    for path in ("/closed/a;b.txt", "/open/unclear"):
        assert staff.get(path, headers=PAGE, buffered=True).status_code == 400


def test_a_404_page_that_is_a_link_is_shown_to_those_who_may_see_where_it_leads(
    folder: Path, client: FlaskClient, alice: FlaskClient, staff: FlaskClient
) -> None:
    (folder / "404.html").symlink_to("closed/404.html")
    responses = [visitor.get("/members/nothing", headers=PAGE, buffered=True) for visitor in (alice, staff)]
    assert [(response.status_code, SECRET in response.text) for response in responses] == [(404, False), (404, True)]
    stranger = client.get("/open/nothing", headers=PAGE, buffered=True)
    assert (stranger.status_code, SECRET in stranger.text) == (404, False)


def test_the_front_page_may_be_a_link(folder: Path, alice: FlaskClient, staff: FlaskClient) -> None:
    (folder / "index.html").symlink_to("closed/index.html")
    assert [visitor.get("/", headers=PAGE, buffered=True).status_code for visitor in (alice, staff)] == [403, 200]


def test_a_link_to_a_closed_part_is_one_line_in_the_log(
    alice: FlaskClient, events: Callable[[], list[dict[str, str]]]
) -> None:
    alice.get("/open/file", headers=PAGE, buffered=True)
    assert [(event["event"], event["path"]) for event in events()] == [("page_closed", "/open/file")]


def test_a_link_that_changes_while_it_is_read_opens_nothing_closed(folder: Path, client: FlaskClient) -> None:
    """One thread keeps changing the link's target while another reads through it."""
    link, other, done = folder / "open" / "file", folder / "open" / "other", threading.Event()

    def change() -> None:
        for turn in itertools.takewhile(lambda _: not done.is_set(), itertools.count()):
            other.symlink_to("a.txt" if turn % 2 else "../closed/secret.html")
            other.replace(link)

    changing = threading.Thread(target=change)
    changing.start()
    try:
        seen = {client.get("/open/file", headers=PAGE, buffered=True).text for _ in range(1000)}
    finally:
        done.set()
        changing.join()
    assert "open to all" in seen
    assert SECRET not in seen


class TestWithoutRules:
    """Without rules, every file is for visitors who are signed in."""

    @pytest.fixture
    def environ(self, environ: dict[str, str]) -> dict[str, str]:
        return {name: value for name, value in environ.items() if name != "DAYPASS_RULES"}

    def test_links_are_followed(self, client: FlaskClient, alice: FlaskClient) -> None:
        assert client.get("/open/file", headers=PAGE, buffered=True).status_code == 401
        assert alice.get("/open/file", headers=PAGE, buffered=True).text == SECRET
