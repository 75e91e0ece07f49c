"""Compressed files beside the originals that they stand for."""

import gzip
import os
from pathlib import Path

import pytest

from daypass.static_site.files import COMPRESSED, OpenFile, open_file

TEXT = b"<p>A page.</p>" * 50
GZIP, BROTLI = gzip.compress(TEXT), b"brotli"  # nothing here reads brotli
ENCODINGS = tuple(COMPRESSED)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A page with both compressed files, and one with none."""
    for name, content in {"a.html": TEXT, "a.html.gz": GZIP, "a.html.br": BROTLI, "b.html": TEXT}.items():
        (tmp_path / name).write_bytes(content)
        os.utime(tmp_path / name, (1000, 1000))
    return tmp_path


def opened(folder: Path, path: str, *encodings: str) -> tuple[str | None, bytes]:
    """The content coding and the content of what is opened, whose size must be right."""
    found = open_file(folder, path, encodings)
    assert isinstance(found, OpenFile), found
    with found.file as file:
        content = file.read()
    assert (found.size, found.name, found.path) == (len(content), path, path)
    return found.encoding, content


@pytest.mark.parametrize(
    ("accepted", "expected"),
    [((), (None, TEXT)), (("gzip",), ("gzip", GZIP)), (("br",), ("br", BROTLI)), (ENCODINGS, ("br", BROTLI))],
)
def test_the_best_accepted_coding_that_has_a_file_is_opened(
    folder: Path, accepted: tuple[str, ...], expected: tuple[str | None, bytes]
) -> None:
    assert opened(folder, "a.html", *accepted) == expected


def test_without_a_compressed_file_the_original_is_opened(folder: Path) -> None:
    assert opened(folder, "b.html", *ENCODINGS) == (None, TEXT)


def test_a_compressed_file_alone_stands_for_nothing(folder: Path) -> None:
    (folder / "a.html").unlink()
    assert not isinstance(open_file(folder, "a.html", ENCODINGS), OpenFile)


def test_a_compressed_file_that_is_older_than_the_original_is_not_used(folder: Path) -> None:
    os.utime(folder / "a.html", (1001, 1001))
    assert opened(folder, "a.html", *ENCODINGS) == (None, TEXT)
    os.utime(folder / "a.html.gz", (1001, 1001))
    assert opened(folder, "a.html", *ENCODINGS)[0] == "gzip"


def test_only_a_file_is_a_compressed_file(folder: Path) -> None:
    compressed = folder / "b.html.gz"
    compressed.symlink_to("a.html.gz")
    assert opened(folder, "b.html", "gzip") == (None, TEXT)
    compressed.unlink()
    compressed.mkdir()
    assert opened(folder, "b.html", "gzip") == (None, TEXT)
    compressed.rmdir()
    os.mkfifo(compressed)
    assert opened(folder, "b.html", "gzip") == (None, TEXT)


def test_a_link_leads_to_the_compressed_file_of_its_target(folder: Path) -> None:
    (folder / "link.html").symlink_to("a.html")
    found = open_file(folder, "link.html", ("br",))
    assert isinstance(found, OpenFile)
    with found.file as file:
        assert (file.read(), found.path) == (BROTLI, "a.html")


def test_each_coding_has_its_own_entity_tag(folder: Path) -> None:
    (folder / "a.html.br").write_bytes(GZIP)
    os.utime(folder / "a.html.br", (1000, 1000))
    tags = set()
    for encodings in ((), ("gzip",), ("br",)):
        found = open_file(folder, "a.html", encodings)
        assert isinstance(found, OpenFile)
        found.file.close()
        tags.add(found.etag)
    assert len(tags) == 3
