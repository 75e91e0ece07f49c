"""Path segments that some software reads differently, by stripping their end or by Unicode normalization."""

import re
import unicodedata

# Default_Ignorable_Code_Point of Unicode's DerivedCoreProperties.txt: invisible characters.
IGNORABLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164"
    "\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufff8\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)
# Characters that structure a path. Changes of letters, such as full-width ones, do not matter.
STRUCTURE = re.compile(r"[./\\;]|%[0-9A-Fa-f]{2}")
STRIPPED_END = "it has a segment that ends in a dot or a space"
MAX_MARKS = 30  # combining marks in a row (UAX #15, Stream-Safe Text Format); normalizing longer runs is quadratic
TOO_MANY_MARKS = f"it has more than {MAX_MARKS} combining marks in a row"
NORMALIZED = "it has a character that some software reads as a dot, a slash, a backslash, a semicolon or nothing"


def ambiguity(segment: str) -> str | None:
    """Why a decoded path segment is ambiguous, as the end of a sentence; None if it is not.

    Windows drops dots and spaces at the end of a name (Microsoft, "Naming Files, Paths, and Namespaces"). Software that
    normalizes to NFKC, or drops invisible characters, reads U+FF0E as a dot and U+FF0F as a slash (Unicode TR 36).
    """
    if segment[-1:] == "." or segment[-1:].isspace():
        return STRIPPED_END
    if segment.isascii():
        return None
    if has_too_many_marks(segment):
        return TOO_MANY_MARKS
    normalized = unicodedata.normalize("NFKC", IGNORABLE.sub("", segment))
    if (
        not normalized
        or normalized[-1] == "."
        or normalized[-1].isspace()
        or _structure(normalized) != _structure(segment)
    ):
        return NORMALIZED
    return None


def has_too_many_marks(text: str) -> bool:
    """Whether more than MAX_MARKS combining marks follow each other, in linear time. Check it before normalizing."""
    run = 0
    for character in text:
        run = run + 1 if unicodedata.combining(character) else 0
        if run > MAX_MARKS:
            return True
    return False


def _structure(segment: str) -> tuple[bool, list[str]]:
    """Whether the name is hidden, and its structural characters in order.

    An ellipsis counts as three dots, its NFKC form, so that titles with an ellipsis are accepted.
    """
    text = segment.replace("\u2026", "...")
    return segment.startswith("."), STRUCTURE.findall(text)
