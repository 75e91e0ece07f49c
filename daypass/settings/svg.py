"""What an SVG file may contain: shapes and styles, and nothing that runs or loads.

Browsers run no scripts in an `<img>`, and the file is served in a sandbox; this check tells the operator in words.
"""

import re
from xml.parsers import expat

SVG = "http://www.w3.org/2000/svg"
XHTML = "http://www.w3.org/1999/xhtml"
REFUSED_ELEMENTS = ("script", "foreignobject", "iframe", "audio", "video", "handler", "listener")
RASTER_IMAGE = re.compile(r"data:image/(?:png|jpeg|gif|webp);base64,[a-z0-9+/=\s]*", re.ASCII | re.IGNORECASE)
OUTSIDE = re.compile(r"@import|\\|javascript:|image-set|src\(|url\((?!\s*[\"']?#)", re.IGNORECASE)
ELSEWHERE = "it refers to another file, so that it would not be complete"


def check_svg(content: bytes) -> None:
    """Raise ValueError with a reason, unless this is an SVG file in UTF-8 without scripts and references."""
    parser = expat.ParserCreate(namespace_separator=" ")
    check = _Check()
    parser.StartDoctypeDeclHandler = check.doctype  # before entities, which can grow without bound, are declared
    parser.ProcessingInstructionHandler = check.instruction
    parser.StartElementHandler = check.start
    parser.EndElementHandler = check.end
    parser.CharacterDataHandler = check.text
    try:
        parser.Parse(content.decode(), True)  # of a text, expat ignores the encoding that the file declares
    except (UnicodeDecodeError, expat.ExpatError):
        raise ValueError("it is neither a PNG file nor a well-formed SVG file in UTF-8") from None


class _Check:
    """Handlers of the parser, each of which raises ValueError."""

    def __init__(self) -> None:
        self._is_root = True
        self._style: list[str] | None = None  # the text of the open element `style`

    def doctype(self, *_: object) -> None:
        raise ValueError("it has a document type declaration (<!DOCTYPE>): remove it")

    def instruction(self, target: str, data: str) -> None:
        raise ValueError(f"it has a processing instruction (<?{target} ?>): remove it")

    def start(self, qualified: str, attributes: dict[str, str]) -> None:
        namespace, _, name = qualified.rpartition(" ")
        if self._is_root and (namespace, name) != (SVG, "svg"):
            raise ValueError(f"its first element must be svg in the namespace {SVG}")
        self._is_root = False
        if namespace == XHTML or (namespace == SVG and name.lower() in REFUSED_ELEMENTS):
            raise ValueError(f"it contains the element {name}: only shapes, text and styles are accepted")
        if namespace == SVG:  # elements of drawing programs are inert
            for attribute, value in attributes.items():
                _check_attribute(attribute.rpartition(" ")[2].lower(), value)
            self._style = [] if name == "style" else self._style

    def text(self, text: str) -> None:
        if self._style is not None:
            self._style.append(text)

    def end(self, qualified: str) -> None:
        if self._style is not None and qualified == f"{SVG} style":
            _check_value("".join(self._style))
            self._style = None


def _check_attribute(name: str, value: str) -> None:
    if name.startswith("on"):
        raise ValueError(f"it contains the event handler {name}: remove it")
    if name in ("href", "src", "base"):
        if not value.startswith("#") and not RASTER_IMAGE.fullmatch(value):
            raise ValueError(ELSEWHERE)
    elif name == "attributename" and value.lower().rpartition(":")[2] in ("href", "src"):
        raise ValueError("it contains an animation that changes a reference: remove it")
    else:
        _check_value(value)


def _check_value(value: str) -> None:
    """Check the value of an attribute, or a style sheet."""
    if OUTSIDE.search(RASTER_IMAGE.sub("#", value)):
        raise ValueError(ELSEWHERE)
