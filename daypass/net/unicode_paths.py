"""Path segments that some software reads as a different path: by stripping their end, or by Unicode normalization."""

import re
import unicodedata

# Default_Ignorable_Code_Point of Unicode's DerivedCoreProperties.txt: characters that show as nothing.
IGNORABLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164"
    "\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufff8\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)
# What gives a path its structure. Letters do not: full-width ones, for example, are left alone.
STRUCTURE = re.compile(r"[./\\;]|%[0-9A-Fa-f]{2}")
ENDS = "it has a segment that ends in a dot or a blank"
READS_AS = "it has a character that some software reads as a dot, a slash, a backslash, a semicolon or nothing"


def ambiguity(segment: str) -> str | None:
    """Why a decoded path segment has two readings, as the end of a sentence; None if it has one.

    Windows drops dots and blanks at the end of a name (Microsoft, "Naming Files, Paths, and Namespaces"). Software that
    normalizes to NFKC, or drops invisible characters, reads U+FF0E as a dot and U+FF0F as a slash (Unicode TR 36).
    """
    if segment[-1:] == "." or segment[-1:].isspace():
        return ENDS
    if segment.isascii():
        return None
    read = unicodedata.normalize("NFKC", IGNORABLE.sub("", segment))
    if not read or read[-1] == "." or read[-1].isspace() or _structure(read) != _structure(segment):
        return READS_AS
    return None


def _structure(segment: str) -> tuple[bool, list[str]]:
    """Whether the name is a hidden one, and its special characters in order.

    An ellipsis counts as the three dots that NFKC makes of it: in the middle of a title it changes nothing.
    """
    text = segment.replace("\u2026", "...")
    return segment.startswith("."), STRUCTURE.findall(text)
