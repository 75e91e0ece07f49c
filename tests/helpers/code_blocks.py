"""The code in the documentation."""

import re

from tests.helpers.project import ROOT


def code_blocks(page: str, language: str) -> list[str]:
    """The code blocks of a page, such as `docs/keys.md`, in this language; an empty one for plain blocks."""
    text = (ROOT / page).read_text()
    return re.findall(rf"^ *```{language}\n(.+?)^ *```", text, re.DOTALL | re.MULTILINE)
