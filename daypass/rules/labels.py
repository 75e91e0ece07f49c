"""How the pages of a rule are shown to the people who may open them: a title, an icon and a description."""

import re
import unicodedata
from dataclasses import dataclass

MAX_TITLE, MAX_DESCRIPTION = 60, 200  # characters
LINE_BREAKS_AND_CONTROLS = {"Cc", "Zl", "Zp"}  # Unicode categories
# An emoji: one symbol with its variation or skin tone, several that are joined to one, or the two letters of a flag.
SYMBOL = (
    "[\u203c\u2049\u2122\u2139\u2190-\u21ff\u2300-\u27bf\u2900-\u29ff\u2b00-\u2bff\u3030\u3297\u3299\U0001f000-\U0001faff]"
    "\ufe0f?[\U0001f3fb-\U0001f3ff]?"
)
ICON = re.compile(rf"[^\W_]{{1,2}}|{SYMBOL}(?:\u200d{SYMBOL})*|[\U0001f1e6-\U0001f1ff]{{2}}")


@dataclass(frozen=True)
class Label:
    """The words of a rule for its pages. They are plain text, and empty unless the rule has them."""

    title: str = ""
    icon: str = ""
    description: str = ""


NO_LABEL = Label()


def read_title(value: object) -> str:
    """Check a title. Raises ValueError, whose text continues a sentence that begins with the key."""
    return _line(value, MAX_TITLE)


def read_description(value: object) -> str:
    """Check a description. Raises ValueError, as `read_title` does."""
    return _line(value, MAX_DESCRIPTION)


def read_icon(value: object) -> str:
    """Check an icon: one emoji, or one or two letters or digits. Raises ValueError, as `read_title` does."""
    icon = unicodedata.normalize("NFC", value) if isinstance(value, str) else ""
    if not ICON.fullmatch(icon):
        raise ValueError("must be one emoji, or one or two letters or digits")
    return icon


def _line(value: object, maximum: int) -> str:
    """One line of text, without the spaces around it."""
    text = value.strip() if isinstance(value, str) else ""
    if not text:
        raise ValueError("must be a text that is not empty")
    if len(text) > maximum:
        raise ValueError(f"must have at most {maximum} characters, not {len(text)}")
    if any(unicodedata.category(character) in LINE_BREAKS_AND_CONTROLS for character in text):
        raise ValueError("must be one line, without control characters")
    return text
