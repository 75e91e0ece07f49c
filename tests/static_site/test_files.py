"""Which file of a folder a path names."""

import mimetypes
import os
import runpy
import socket
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from daypass.static_site import content_types
from daypass.static_site.content_types import content_type
from daypass.static_site.files import NotServed, OpenFile, open_file
from tests.helpers.rounds import rounds

SECRET = "kept outside"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of files, links and a FIFO, beside other files.

    Each file in the folder contains its own path.
    """
    beside = tmp_path_factory.mktemp("site")
    (beside / "outside").mkdir()
    for name in ("secret.txt", "outside/secret.txt", "public-too.txt"):
        (beside / name).write_text(SECRET)
    folder = beside / "public"
    for name in (
        "index.html",
        "a.txt",
        "-",
        "%2e%2e",
        "a%2fb",
        "é ü.html",
        "big\u202fname.png",
        "a:b",
        "guide/index.html",
        "guide/deep/index.html",
        "guide/deep/a.txt",
        "bare/a.txt",
        ".env",
        ".git/config",
        "guide/.hidden",
        "guide/.hidden-too/a.txt",
        "guide/back\\slash.txt",
        "guide/line\nend.txt",
        "guide/..txt",
        "index-is-a-folder/index.html/a.txt",
    ):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(name)
    for link, target in {
        "link.txt": "guide/deep/a.txt",
        "link-to-folder": "guide",
        "self": ".",
        "out.txt": "../secret.txt",
        "out": "../outside",
        "beside.txt": "../public-too.txt",
        "absolute.txt": str(beside / "secret.txt"),
        "absolute-inside.txt": str(folder / "a.txt"),
        "out-and-in.txt": "../public/a.txt",
        "out-twice.txt": "out.txt",
        "hidden.txt": ".env",
        "hidden-folder": ".git",
        "loop": "loop",
        "dangling": "nowhere",
        "root": "/",
    }.items():
        (folder / link).symlink_to(target)
    os.mkfifo(folder / "fifo")
    return folder


def read(found: OpenFile | NotServed) -> str:
    assert isinstance(found, OpenFile), found
    with found.file:
        assert os.fstat(found.file.fileno()).st_size == found.size
        return found.file.read().decode()


@pytest.mark.parametrize(
    ("path", "content"),
    [
        ("", "index.html"),
        ("index.html", "index.html"),
        ("a.txt", "a.txt"),
        ("-", "-"),
        ("%2e%2e", "%2e%2e"),
        ("a%2fb", "a%2fb"),
        ("é ü.html", "é ü.html"),
        ("big\u202fname.png", "big\u202fname.png"),
        ("a:b", "a:b"),
        ("guide/", "guide/index.html"),
        ("guide/index.html", "guide/index.html"),
        ("guide/deep/a.txt", "guide/deep/a.txt"),
        ("link.txt", "guide/deep/a.txt"),
        ("link-to-folder/", "guide/index.html"),
        ("link-to-folder/deep/a.txt", "guide/deep/a.txt"),
        ("self/self/a.txt", "a.txt"),
        ("self/", "index.html"),
        ("absolute-inside.txt", "a.txt"),
        ("out-and-in.txt", "a.txt"),
    ],
)
def test_a_path_names_its_file(folder: Path, path: str, content: str) -> None:
    assert read(open_file(folder, path)) == content


@pytest.mark.parametrize("path", ["guide", "guide/deep", "link-to-folder", "self", "link-to-folder/deep"])
def test_a_folder_that_has_a_page_wants_a_slash(folder: Path, path: str) -> None:
    assert open_file(folder, path) is NotServed.SLASH


@pytest.mark.parametrize(
    "path",
    [
        "nowhere",
        "nowhere/",
        "guide/nowhere",
        "a.txt/",
        "a.txt/index.html",
        "A.TXT",
        "index.html/",
        "dangling",
        "loop",
        "bare",
        "bare/",
        "index-is-a-folder",
        "index-is-a-folder/",
        "x" * 300,
        "x/" * 3000,
        "guide/deep/a.txt/",
    ],
)
def test_a_missing_file_is_not_found_and_no_folder_is_listed(folder: Path, path: str) -> None:
    assert open_file(folder, path) is NotServed.NOTHING


@pytest.mark.parametrize(
    "path",
    [
        ".env",
        ".git/config",
        ".git/",
        ".git",
        "guide/.hidden",
        "guide/.hidden-too/a.txt",
        "guide/..txt",
        ".",
        "./",
        "./a.txt",
        "guide/./index.html",
        "hidden.txt",
        "hidden-folder/config",
        "hidden-folder/",
        "self/.env",
    ],
)
def test_hidden_files_are_not_served(folder: Path, path: str) -> None:
    assert open_file(folder, path) is NotServed.HIDDEN


@pytest.mark.parametrize(
    "path",
    [
        "..",
        "../",
        "../secret.txt",
        "guide/../a.txt",
        "guide/../../secret.txt",
        "guide/..",
        "/",
        "//",
        "/a.txt",
        "/etc/passwd",
        "guide//index.html",
        "guide//",
        "..\\secret.txt",
        "guide\\index.html",
        "guide/back\\slash.txt",
        "a.txt\x00",
        "a.txt\x00.html",
        "\x00",
        "guide/line\nend.txt",
        "a�",
        "\x7f",
        "\\\\host\\share",
        "\\..\\secret.txt",
    ],
)
def test_no_spelling_of_a_path_leaves_the_folder(folder: Path, path: str) -> None:
    assert open_file(folder, path) is NotServed.HIDDEN


@pytest.mark.parametrize("name", ["report.", "report ", "report\uff0etxt", "\u200b.git", "...", "\uff0fx"])
def test_a_name_that_some_software_reads_otherwise_is_not_served(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("file")
    (tmp_path / "link").symlink_to(name)
    for path in (name, "link"):
        assert open_file(tmp_path, path) is NotServed.HIDDEN


@pytest.mark.parametrize(
    "name", ["\uff21\u5831\u544a.txt", "Wait\u2026 for it.txt", "a\u200b", "100\uff05.txt", "%2e%2e"]
)
def test_an_international_name_is_served(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("file")
    assert read(open_file(tmp_path, name)) == "file"


@pytest.mark.parametrize(
    "path",
    [
        "out.txt",
        "out/secret.txt",
        "out/",
        "out",
        "beside.txt",
        "absolute.txt",
        "out-twice.txt",
        "root",
        "root/",
        "root/etc/passwd",
        "self/out.txt",
    ],
)
def test_a_link_that_leaves_the_folder_is_not_followed(folder: Path, path: str) -> None:
    assert open_file(folder, path) is NotServed.OUTSIDE


def test_a_fifo_or_socket_is_not_opened(folder: Path) -> None:
    with closing(socket.socket(socket.AF_UNIX)) as listener:
        here = os.getcwd()
        os.chdir(folder)  # the path of a socket is at most 108 bytes long
        try:
            listener.bind("socket")
        finally:
            os.chdir(here)
        assert found_in_time(folder, "fifo") is NotServed.NO_FILE
        assert found_in_time(folder, "socket") is NotServed.NOTHING
        (folder / "socket").unlink()


def found_in_time(folder: Path, path: str) -> OpenFile | NotServed | None:
    """What is found within five seconds."""
    found: list[OpenFile | NotServed] = []
    finding = threading.Thread(target=lambda: found.append(open_file(folder, path)), daemon=True)
    finding.start()
    finding.join(5)
    return found[0] if found else None


def test_an_unreadable_file_is_not_found(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_args: object, **_kwargs: object) -> int:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "open", refuse)
    assert open_file(folder, "a.txt") is NotServed.NOTHING


def test_an_error_that_is_not_about_the_path_is_raised(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_args: object, **_kwargs: object) -> int:
        raise OSError(24, "Too many open files")

    monkeypatch.setattr(os, "open", fail)
    with pytest.raises(OSError, match="Too many"):
        open_file(folder, "a.txt")


def test_the_folder_may_be_a_link_that_is_changed_for_another(tmp_path: Path) -> None:
    for name in ("old", "new"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "index.html").write_text(name)
    current, other = tmp_path / "current", tmp_path / "other"
    current.symlink_to("old")
    assert read(open_file(current, "")) == "old"
    other.symlink_to("new")
    other.replace(current)
    assert read(open_file(current, "")) == "new"


def test_a_folder_that_goes_away_has_nothing(tmp_path: Path) -> None:
    assert open_file(tmp_path / "gone", "") is NotServed.NOTHING


def test_a_name_that_becomes_a_link_while_it_is_read_does_not_leave_the_folder(tmp_path: Path) -> None:
    """One thread swaps a file and a folder with links that lead out; the other reads."""
    secret, public, done = tmp_path / "secret", tmp_path / "public", threading.Event()
    for at, text in ((secret, SECRET), (public / "folder", "ours")):
        at.mkdir(parents=True)
        (at / "a.txt").write_text(text)
    (public / "file.txt").write_text("ours")

    def change() -> None:
        while not done.is_set():
            for name, target in (("folder", secret), ("file.txt", secret / "a.txt")):
                (public / name).rename(public / "aside")
                (public / name).symlink_to(target)
                (public / name).unlink()
                (public / "aside").rename(public / name)

    changing = threading.Thread(target=change)
    changing.start()
    try:
        results = {
            content_or_reason(open_file(public, path)) for _ in range(5000) for path in ("file.txt", "folder/a.txt")
        }
    finally:
        done.set()
        changing.join()
    assert "ours" in results
    assert SECRET not in results


def content_or_reason(found: OpenFile | NotServed) -> str:
    return read(found) if isinstance(found, OpenFile) else found.value


NAMES = [
    "a.txt",
    "guide",
    "deep",
    "index.html",
    "bare",
    ".env",
    ".git",
    "config",
    "out",
    "out.txt",
    "secret.txt",
    "self",
]
SPELLINGS = ["..", ".", "", "/", "\\", "\0", "%2e%2e", "%2f", "public", "link-to-folder", "hidden.txt", "root", "fifo"]
PATHS = st.one_of(
    st.text(max_size=20),
    st.lists(st.one_of(st.sampled_from(NAMES + SPELLINGS), st.text(max_size=3)), max_size=6).map("/".join),
)


def simple_reading(folder: Path, path: str) -> Path | None:
    """The file that a simple reading of the path finds, segment by segment."""
    at = folder
    for name in (path + "index.html" if path == "" or path.endswith("/") else path).split("/"):
        if name not in ([] if not at.is_dir() else os.listdir(at)) or name[0] == ".":
            return None
        at = at / name
    return at.resolve() if at.is_file() else None


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=rounds(full=600, quick=150))
@given(path=PATHS)
@example(path="guide/deep/../../a.txt")
@example(path="self/link-to-folder/")
@example(path="out/secret.txt")
def test_the_file_served_is_the_one_that_a_simple_reading_finds(folder: Path, path: str) -> None:
    found = open_file(folder, path)
    if isinstance(found, OpenFile):
        with found.file:
            served = Path(os.readlink(f"/proc/self/fd/{found.file.fileno()}"))
        assert served == simple_reading(folder, path)
        assert served.is_relative_to(folder)
        assert not any(name.startswith(".") for name in served.relative_to(folder).parts)


@settings(max_examples=rounds(full=300, quick=75))
@given(path=PATHS)
@example(path="guide/deep/")
@example(path="self/a.txt")
def test_every_file_that_a_simple_reading_finds_is_served(folder: Path, path: str) -> None:
    wanted = simple_reading(folder, path)
    allowed = wanted and wanted.is_relative_to(folder) and "/." not in f"/{wanted.relative_to(folder)}"
    if wanted and allowed and "\\" not in path and path.isprintable():
        assert read(open_file(folder, path)) == wanted.read_text()


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("index.html", "text/html; charset=utf-8"),
        ("INDEX.HTML", "text/html; charset=utf-8"),
        ("a.css", "text/css; charset=utf-8"),
        ("a.js", "text/javascript; charset=utf-8"),
        ("a.mjs", "text/javascript; charset=utf-8"),
        ("a.min.js", "text/javascript; charset=utf-8"),
        ("a.txt", "text/plain; charset=utf-8"),
        ("a.csv", "text/csv; charset=utf-8"),
        ("a.json", "application/json"),
        ("a.js.map", "application/json"),
        ("a.webmanifest", "application/manifest+json"),
        ("a.wasm", "application/wasm"),
        ("sitemap.xml", "application/xml"),
        ("sitemap.xml.gz", "application/gzip"),
        ("a.svg", "image/svg+xml"),
        ("a.png", "image/png"),
        ("a.jpg", "image/jpeg"),
        ("a.webp", "image/webp"),
        ("favicon.ico", "image/x-icon"),
        ("a.woff", "font/woff"),
        ("a.woff2", "font/woff2"),
        ("a.pdf", "application/pdf"),
        ("a.mp4", "video/mp4"),
        ("a.webm", "video/webm"),
        ("LICENSE", "application/octet-stream"),
        ("a.unheard-of", "application/octet-stream"),
    ],
)
def test_a_file_has_the_type_of_its_ending(name: str, expected: str) -> None:
    assert content_type(name) == expected


@pytest.fixture
def strange_system(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A system whose MIME types say that scripts are plain text."""
    (tmp_path / "mime.types").write_text("text/plain js mjs css svg wasm woff2\n")
    monkeypatch.setattr(mimetypes, "knownfiles", [str(tmp_path / "mime.types")])
    mimetypes.init()
    yield
    monkeypatch.undo()
    mimetypes.init()


@pytest.mark.usefixtures("strange_system")
def test_the_types_are_not_the_systems() -> None:
    assert mimetypes.guess_type("a.js") == ("text/plain", None)
    content_type = runpy.run_path(content_types.__file__)["content_type"]
    assert content_type("a.js") == "text/javascript; charset=utf-8"
    assert content_type("a.css") == "text/css; charset=utf-8"
    assert content_type("a.woff2") == "font/woff2"


def test_an_etag_changes_with_the_file(tmp_path: Path) -> None:
    file = tmp_path / "a.txt"

    def etag(content: str, modified: int) -> str:
        file.write_text(content)
        os.utime(file, ns=(modified, modified))
        found = open_file(tmp_path, "a.txt")
        assert isinstance(found, OpenFile)
        found.file.close()
        return found.etag

    first = etag("one", 10**18)
    assert etag("two", 10**18 + 1) != first
    assert etag("three", 10**18) != first
    assert etag("six", 10**18) == first
