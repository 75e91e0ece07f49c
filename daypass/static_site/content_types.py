"""Content types of files, by the endings of their names."""

import mimetypes
import os

# Python's own table differs from version to version, and the system's from machine to machine.
TYPES = mimetypes.MimeTypes(filenames=())
for _type, _endings in {
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
    for _ending in _endings.split():
        TYPES.add_type(_type, _ending)


def content_type(name: str) -> str:
    """The type of a file by its name's ending, whatever the system it is on says; text is UTF-8."""
    found = TYPES.types_map[True].get(os.path.splitext(name)[1].lower(), "application/octet-stream")
    return f"{found}; charset=utf-8" if found.startswith("text/") else found
