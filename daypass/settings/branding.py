"""Settings of the pages' appearance: title, help, logo and style sheet. `accent.py` parses the colour.

Each parser raises ValueError with the rest of a sentence that begins with the variable. Files are read here, once.
"""

import os
import struct
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from daypass.settings.svg import check_svg

PRODUCT = "Daypass"  # the title of sites that have none
KIB = 1024
MAX_BYTES = 256 * KIB
MAX_PIXELS = 2048  # wide, and high
PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
PNG_HEADER = struct.Struct(">8s4x4sII")  # signature, length and type of the first chunk, width, height


@dataclass(frozen=True)
class BrandFile:
    """A file that was read and checked; `suffix` determines the media type with which it is served."""

    suffix: str
    content: bytes = field(repr=False)


def line(max_characters: int) -> Callable[[str], str]:
    """A parser of one line of plain text."""

    def read(value: str) -> str:
        found = value.strip()
        if not found or not found.isprintable() or len(found) > max_characters:
            raise ValueError(f"it must be one line of text, of at most {max_characters} characters")
        return found

    return read


def logo(value: str) -> BrandFile:
    """The path of an SVG file without scripts and references, or of a PNG file."""
    content = _read(value)
    if content.startswith(PNG_SIGNATURE):
        _check_png(content)
        return BrandFile(".png", content)
    check_svg(content)
    return BrandFile(".svg", content)


def style_sheet(value: str) -> BrandFile:
    """The path of a style sheet in UTF-8."""
    content = _read(value)
    if b"\0" in content or not _is_utf8(content):
        raise ValueError("it must be a style sheet in UTF-8")
    return BrandFile(".css", content)


def _read(value: str) -> bytes:
    """The content of a regular file, which is not larger than MAX_BYTES."""
    try:
        if not os.path.isfile(value):
            raise FileNotFoundError(value)
        with Path(value).open("rb") as file:
            content = file.read(MAX_BYTES + 1)
    except (OSError, ValueError):  # ValueError: NUL in the name
        raise ValueError("it must be an existing, readable file") from None
    if len(content) > MAX_BYTES:
        raise ValueError(f"the file is larger than {MAX_BYTES // KIB} KiB")
    return content


def _check_png(content: bytes) -> None:
    """Check the header (PNG specification, section 11.2.1), so that a small file is no huge picture."""
    if len(content) < PNG_HEADER.size:
        raise ValueError("the PNG file is incomplete")
    _, chunk, width, height = PNG_HEADER.unpack_from(content)
    if chunk != b"IHDR" or not (0 < width <= MAX_PIXELS and 0 < height <= MAX_PIXELS):
        raise ValueError(f"the PNG file must be 1 to {MAX_PIXELS} pixels wide and high")


def _is_utf8(content: bytes) -> bool:
    try:
        content.decode()
    except UnicodeDecodeError:
        return False
    return True
