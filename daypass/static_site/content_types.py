"""Content types of files, by file extension."""

import mimetypes
import os

# Python's own table depends on its version, and the system's on the machine.
TYPES = mimetypes.MimeTypes(filenames=())
for _type, _extensions in {
    "application/gzip": ".gz .tgz",
    "application/json": ".json .map .ipynb",
    "application/manifest+json": ".webmanifest",
    "application/wasm": ".wasm",
    "application/xml": ".xml .xsl .rss .atom",
    "application/yaml": ".yaml .yml",
    "audio/flac": ".flac",
    "audio/mp4": ".m4a",
    "audio/ogg": ".oga .ogg .opus",
    "font/otf": ".otf",
    "font/ttf": ".ttf",
    "font/woff": ".woff",
    "font/woff2": ".woff2",
    "image/avif": ".avif",
    "image/svg+xml": ".svg",
    "image/webp": ".webp",
    "image/x-icon": ".ico",
    "text/javascript": ".js .mjs",
    "text/markdown": ".md",
    "text/plain": ".txt .log .toml .ini .cfg",
    "text/vtt": ".vtt",
    "video/webm": ".webm",
}.items():
    for _extension in _extensions.split():
        TYPES.add_type(_type, _extension)

# the whole header for each extension; text is UTF-8
HEADERS = {
    extension: f"{type_}; charset=utf-8" if type_.startswith("text/") else type_
    for extension, type_ in TYPES.types_map[True].items()
}


def content_type(name: str) -> str:
    """The content type for a file extension, the same on every system."""
    return HEADERS.get(os.path.splitext(name)[1].lower(), "application/octet-stream")
