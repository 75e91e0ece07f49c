"""What no template of a page contains."""

import re

from tests.helpers.project import ROOT

TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))


def templates_with(pattern: str) -> list[str]:
    """The paths of the templates in which the pattern occurs, in any case."""
    found = [path for path in TEMPLATES if re.search(pattern, path.read_text(), re.IGNORECASE)]
    return [str(path.relative_to(ROOT)) for path in found]


def test_no_template_turns_escaping_off() -> None:
    assert templates_with(r"\|\s*safe\b|\bautoescape\b|\bMarkup\b") == []


def test_no_template_embeds_a_plug_in() -> None:
    assert templates_with(r"<(object|embed|applet)\b") == []
