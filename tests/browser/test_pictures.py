"""The README's pictures: taken anew with PICTURES=1, else into a temporary folder; looked over in both cases."""

import os
import struct
import zlib
from collections import Counter
from collections.abc import Callable, Iterator
from functools import cache
from math import dist
from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import Visit
from tests.conftest import PASSWORD
from tests.server import Server

PICTURES = Path(__file__).parent / "pictures"
ANEW = os.environ.get("PICTURES") == "1"
WIDTH = 1280
HEAVIEST = 150_000  # bytes, of a picture in the README
SIGNATURE = b"\x89PNG\r\n\x1a\n"

Take = Callable[[Page, str, int], None]
Colour = tuple[int, int, int]


@pytest.fixture
def take(tmp_path: Path) -> Take:
    """Take a picture of the top of a page, this many pixels high, as the file of this name."""

    def take(page: Page, name: str, height: int) -> None:
        page.set_viewport_size({"width": WIDTH, "height": height})
        picture = page.screenshot(animations="disabled")
        assert struct.unpack(">II", picture[16:24]) == (WIDTH, height)
        assert 40_000 < len(picture) < 400_000  # an empty page has 5,000
        if ANEW:
            picture = with_palette(picture)
            assert len(picture) < HEAVIEST
        folder = PICTURES if ANEW else tmp_path
        folder.mkdir(exist_ok=True)
        (folder / name).write_bytes(picture)

    return take


def with_palette(picture: bytes) -> bytes:
    """The same PNG with its 256 most frequent colours alone: less than half as heavy, and no difference to be seen."""
    width, height = struct.unpack(">II", picture[16:24])
    rows = list(rows_of(picture, width))
    frequent = [colour for colour, _ in Counter(colour for row in rows for colour in row).most_common(256)]

    @cache
    def place(colour: Colour) -> int:
        return min(range(len(frequent)), key=lambda at: dist(frequent[at], colour))

    lines = b"".join(bytes([0, *map(place, row)]) for row in rows)
    header = struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)
    palette = bytes(value for colour in frequent for value in colour)
    chunks = [(b"IHDR", header), (b"PLTE", palette), (b"IDAT", zlib.compress(lines, 9)), (b"IEND", b"")]
    return SIGNATURE + b"".join(chunk(kind, data) for kind, data in chunks)


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def rows_of(picture: bytes, width: int) -> Iterator[list[Colour]]:
    """The rows of a PNG with three bytes a pixel, as Chromium takes them (PNG specification, clause 9: filters)."""
    data, size = zlib.decompress(pixel_data(picture)), 3 * width
    above = bytearray(size)
    for start in range(0, len(data), size + 1):
        line = bytearray(data[start + 1 : start + 1 + size])
        for at in range(size if data[start] else 0):
            left, corner = (line[at - 3], above[at - 3]) if at >= 3 else (0, 0)
            line[at] = (line[at] + predicted(data[start], left, above[at], corner)) & 255
        yield list(zip(line[::3], line[1::3], line[2::3], strict=True))
        above = line


def predicted(kind: int, left: int, up: int, corner: int) -> int:
    """What a filter of this kind takes a byte to be; Paeth's takes the neighbour nearest to left + up - corner."""
    guess = left + up - corner
    paeth = min((left, up, corner), key=lambda neighbour: abs(guess - neighbour))
    return (0, left, up, (left + up) // 2, paeth)[kind]


def pixel_data(picture: bytes) -> bytes:
    found, at = b"", len(SIGNATURE)
    while at < len(picture):
        (length,) = struct.unpack(">I", picture[at : at + 4])
        if picture[at + 4 : at + 8] == b"IDAT":
            found += picture[at + 8 : at + 8 + length]
        at += length + 12
    return found


def test_the_sign_in_page(visit: Visit, closed: Server, take: Take) -> None:
    page = visit(at=closed.url, color_scheme="light")
    page.goto("/login")
    page.get_by_label("Name", exact=True).fill("alice")
    page.get_by_label("Password", exact=True).fill("hazel lantern")
    take(page, "login.png", 740)


def test_the_pass(visit: Visit, server: Server, take: Take) -> None:
    page = visit(server.sign_in("alice", PASSWORD), color_scheme="light")
    page.goto("/account")
    take(page, "pass.png", 730)


def test_the_invalid_token_page(visit: Visit, closed: Server, take: Take) -> None:
    page = visit(at=closed.url, color_scheme="light")
    page.goto("/members")
    take(page, "invalid-token.png", 900)
