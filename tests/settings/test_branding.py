"""The files of the branding: what is a logo or a style sheet, and what is refused in words."""

import os
import struct
from collections.abc import Callable
from pathlib import Path

import pytest

from daypass.settings.branding import MAX_BYTES, PNG_SIGNATURE, BrandFile, line, logo, style_sheet

Parser = Callable[[str], BrandFile]
SVG = '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" viewBox="0 0 9 9">{}</svg>'
HTML = 'xmlns="http://www.w3.org/1999/xhtml"'


def png(width: int = 32, height: int = 32) -> bytes:
    """The beginning of a PNG file of this size."""
    return PNG_SIGNATURE + struct.pack(">I4sII5x4x", 13, b"IHDR", width, height)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "file"


HARMLESS = {
    "shapes": '<path d="M0 0 9 9"/><g fill="#f00"><circle r="3"/></g><title>Alice &amp; Bob</title>',
    "styles": "<style>.a { fill: red } @media (prefers-color-scheme: dark) { .a { fill: blue } }</style>",
    "own gradient": '<linearGradient id="g"/><path fill="url(#g)" style="stroke:url( \'#g\' )"/><use xlink:href="#g"/>',
    "embedded picture": '<image href="data:image/png;base64,iVBORw0KGgo/+8=="/>',
    "embedded picture in a style": "<style>path{fill:url('data:image/png;base64,iV/+==')}</style>",
    "drawing program": '<i:view xmlns:i="http://www.inkscape.org/" onload="1" href="https://example.org/"/>',
    "animation": '<circle r="3"><animate attributeName="r" to="4" dur="1s"/></circle>',
}


@pytest.mark.parametrize("content", HARMLESS.values(), ids=HARMLESS)
def test_a_drawing_is_a_logo(file: Path, content: str) -> None:
    svg = SVG.format(content).encode()
    for written in (svg, b'<?xml version="1.0" encoding="UTF-8"?>\n<!-- by hand -->\n' + svg, b"\xef\xbb\xbf" + svg):
        file.write_bytes(written)
        read = logo(str(file))
        assert (read.suffix, read.content) == (".svg", written)


REFUSED = {
    "script": ("<script>alert(1)</script>", "element script"),
    "script in capitals": ("<SCRIPT/>", "element SCRIPT"),
    "script with a prefix": ('<s:script xmlns:s="http://www.w3.org/2000/svg"/>', "element script"),
    "HTML script": (f"<script {HTML}/>", "element script"),
    "HTML": (f'<g><div {HTML} onclick="x"/></g>', "element div"),
    "foreign object": ("<foreignObject/>", "element foreignObject"),
    "frame": ('<iframe src="#"/>', "element iframe"),
    "event handler": ('<path onload="alert(1)"/>', "event handler onload"),
    "event handler in capitals": ('<path ONCLICK="alert(1)"/>', "event handler onclick"),
    "event handler by an animation": ('<set attributeName="href" to="javascript:1"/>', "animation"),
    "reference by an animation": ('<animate attributeName="xlink:href" to="x"/>', "animation"),
    "link with a script": ('<a href="javascript:alert(1)"/>', "another file"),
    "link with a script in a namespace": ('<a xlink:href=" JavaScript:alert(1)"/>', "another file"),
    "picture elsewhere": ('<image href="https://example.org/x.png"/>', "another file"),
    "picture beside it": ('<image xlink:href="x.png"/>', "another file"),
    "SVG in it": ('<image href="data:image/svg+xml;base64,PHN2Zy8+"/>', "another file"),
    "use elsewhere": ('<use href="other.svg#x"/>', "another file"),
    "base": ('<g xml:base="https://example.org/"/>', "another file"),
    "fill elsewhere": ('<path fill="url(https://example.org/#g)"/>', "another file"),
    "style elsewhere": ("<path style='fill:URL( \"//example.org/\" )'/>", "another file"),
    "escaped style": (r"<path style='fill:\75rl(//example.org/)'/>", "another file"),
    "imported style": ("<style>@import 'https://example.org/x.css';</style>", "another file"),
    "imported style in pieces": ("<style>@imp<![CDATA[ort 'x.css']]></style>", "another file"),
    "image set": ("<style>path{mask:image-set('https://example.org/x' 1x)}</style>", "another file"),
    "instruction in it": ("<?xml-stylesheet href='x.css'?>", "processing instruction"),
    "not closed": ("<g>", "well-formed"),
    "entity": ("&x;", "well-formed"),
}


@pytest.mark.parametrize(("content", "reason"), REFUSED.values(), ids=REFUSED)
def test_a_drawing_that_runs_or_loads_something_is_refused_in_words(file: Path, content: str, reason: str) -> None:
    file.write_text(SVG.format(content))
    with pytest.raises(ValueError, match=reason):
        logo(str(file))


LAUGHS = "<!DOCTYPE svg [<!ENTITY a 'ha'><!ENTITY b '&a;&a;&a;'><!ENTITY c '&b;&b;&b;'><!ENTITY d '&c;&c;&c;'>]>"
WHOLE_FILES = {
    "billion laughs": (f"{LAUGHS}{SVG.format('&d;')}".encode(), "DOCTYPE"),
    "external entity": (b'<!DOCTYPE svg [<!ENTITY x SYSTEM "file:///etc/passwd">]><svg/>', "DOCTYPE"),
    "doctype": (b"<!DOCTYPE svg PUBLIC '-//W3C//DTD SVG 1.1//EN' 'x.dtd'>" + SVG.format("").encode(), "DOCTYPE"),
    "style sheet": (b"<?xml-stylesheet href='x.css'?>" + SVG.format("").encode(), "processing instruction"),
    "HTML": (f"<html {HTML}/>".encode(), "first element"),
    "no namespace": (b"<svg/>", "first element"),
    "UTF-16": (SVG.format("").encode("utf-16"), "UTF-8"),
    "Latin-1": (f"<?xml version='1.0' encoding='iso-8859-1'?>{SVG.format(chr(233))}".encode("latin-1"), "UTF-8"),
    "compressed": (b"\x1f\x8b\x08\x00", "neither"),
    "JPEG": (b"\xff\xd8\xff\xe0", "neither"),
    "empty": (b"", "neither"),
}


@pytest.mark.parametrize(("content", "reason"), WHOLE_FILES.values(), ids=WHOLE_FILES)
def test_any_other_file_is_no_logo(file: Path, content: bytes, reason: str) -> None:
    file.write_bytes(content)
    with pytest.raises(ValueError, match=reason):
        logo(str(file))


@pytest.mark.parametrize("size", [(1, 1), (2048, 2048), (300, 40)])
def test_a_png_file_is_a_logo_whatever_its_name(file: Path, size: tuple[int, int]) -> None:
    file.write_bytes(png(*size))
    assert logo(str(file)).suffix == ".png"


@pytest.mark.parametrize(
    "content", [png(0, 9), png(9, 2049), png(2**31, 9), PNG_SIGNATURE, png()[:20], png().replace(b"IHDR", b"IDAT")]
)
def test_a_png_file_without_a_sensible_size_is_refused(file: Path, content: bytes) -> None:
    file.write_bytes(content)
    with pytest.raises(ValueError, match="the PNG file"):
        logo(str(file))


PARSERS = pytest.mark.parametrize("parser", [logo, style_sheet])


@PARSERS
def test_a_large_file_is_refused(file: Path, parser: Parser) -> None:
    with file.open("wb") as written:
        written.write(png())
        written.truncate(20 * 1024**2)
    with pytest.raises(ValueError, match="larger than 256 KiB"):
        parser(str(file))


@PARSERS
@pytest.mark.parametrize("name", ["", " ", "missing", "folder", "pipe", "/dev/zero", "no\0name", "x" * 5000, "\udcff"])
def test_what_is_no_regular_file_is_refused_without_waiting_for_it(tmp_path: Path, parser: Parser, name: str) -> None:
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(ValueError, match="existing, readable file"):
        parser(str(tmp_path / name) if name.strip() else name)


def test_a_style_sheet_is_text_of_any_kind(file: Path) -> None:
    for content in (b"", "/* für */ .wordmark { color: red }".encode(), b"@import 'x.css'", b"{" * MAX_BYTES):
        file.write_bytes(content)
        assert style_sheet(str(file)).content == content


@pytest.mark.parametrize("content", [b"\xff", b"a { }\0", png(), "a { }".encode("utf-16")])
def test_a_style_sheet_that_is_no_text_is_refused(file: Path, content: bytes) -> None:
    file.write_bytes(content)
    with pytest.raises(ValueError, match="UTF-8"):
        style_sheet(str(file))


def test_the_text_of_the_settings_has_no_files_in_it(file: Path) -> None:
    file.write_bytes(png())
    assert "IHDR" not in repr(logo(str(file)))


@pytest.mark.parametrize("value", ["Harbour Archive", " Harbour Archive ", "Größe <b>&amp;</b>", "x" * 40])
def test_a_line_is_any_text_without_the_spaces_around_it(value: str) -> None:
    assert line(40)(value) == value.strip()


@pytest.mark.parametrize("value", ["", " ", "a\nb", "a\tb", "a\0b", "a\u202eb", "a\u200bb", "\udcff", "x" * 41])
def test_a_line_has_no_invisible_characters_and_an_end(value: str) -> None:
    with pytest.raises(ValueError, match="at most 40 characters"):
        line(40)(value)
