"""The stylesheets: all in layers, every class is used, no rule is duplicated, both themes have all colours."""

import re
from collections import Counter

import pytest

from tests.helpers.project import ROOT

SHEETS = {path.name: re.sub(r"/\*.*?\*/", "", path.read_text(), flags=re.S) for path in ROOT.glob("static/*.css")}
TEMPLATES = [path.read_text() for path in ROOT.glob("templates/daypass/**/*.html")]
SCRIPTS = "".join(path.read_text() for path in ROOT.glob("static/*.js"))
CLASSES = re.compile(r'class="((?:\{\{.*?\}\}|\{%.*?%\}|[^"])*)"|\{% block main_class %\}(.*?)\{% endblock %\}')
MAX_COINCIDENCE = 2  # declarations that two rules may have in common by coincidence


def rules(sheet: str) -> list[tuple[str, str]]:
    """The selectors and declarations of each rule, at any nesting."""
    found = re.findall(r"([^{};]+)\{([^{}]*)\}", sheet)
    return [(selectors.strip(), " ".join(declarations.split())) for selectors, declarations in found]


def outermost(sheet: str) -> list[str]:
    """The statements outside of all braces."""
    found, depth = "", 0
    for character in sheet:
        depth += character == "{"
        found += character if depth == 0 else ";" if depth == 1 and character == "}" else ""
        depth -= character == "}"
    return [statement.strip() for statement in found.split(";") if statement.strip()]


def classes_used(template: str) -> set[str]:
    """Patterns of the class names in a template; an inserted value matches any word."""
    names = " ".join(attribute or block for attribute, block in CLASSES.findall(template))
    names = re.sub(r"\{\{ '( [\w-]+)' if .*?\}\}", r"\1", names)
    names = re.sub(r"\{%.*?%\}", " ", names)
    return set(re.sub(r"\{\{.*?\}\}", "[a-z]+", names).split())


DEFINED = {
    name
    for sheet in SHEETS.values()
    for selectors, _ in rules(sheet)
    for name in re.findall(r"\.([a-z][\w-]*)", selectors)
}
USED = set[str]().union(*map(classes_used, TEMPLATES))


def test_every_rule_has_a_use() -> None:
    assert len(DEFINED) > 100
    in_templates = {name for name in DEFINED for pattern in USED if re.fullmatch(pattern, name)}
    assert {name for name in DEFINED - in_templates if name not in SCRIPTS} == set()


def test_every_class_has_a_rule() -> None:
    assert len(USED) > 100
    assert {pattern for pattern in USED if not any(re.fullmatch(pattern, name) for name in DEFINED)} == set()


@pytest.mark.parametrize("name", SHEETS)
def test_a_sheet_is_all_in_layers(name: str) -> None:
    found = outermost(SHEETS[name])
    assert found
    assert [statement for statement in found if not re.fullmatch(r"@layer [\w, ]+", statement)] == []


def test_no_rule_is_duplicated() -> None:
    counts = Counter(declarations for sheet in SHEETS.values() for _, declarations in rules(sheet))
    assert [rule for rule, count in counts.items() if count > 1 and rule.count(";") > MAX_COINCIDENCE] == []


def colours(declarations: str) -> set[str]:
    """The custom properties that these declarations set to a colour."""
    return set(re.findall(r"--([\w-]+): #[0-9a-f]{6}\b", declarations))


def test_both_themes_define_the_same_colours() -> None:
    base = SHEETS["base.css"]
    light, dark = (colours(declarations) for selectors, declarations in rules(base) if selectors == ":root")
    assert light == dark
    assert len(light) == 19
    assert re.search(r"@media \(prefers-color-scheme: dark\) \{\s*:root \{\s*--page: #0", base)


@pytest.mark.parametrize("name", SHEETS)
def test_no_colour_needs_a_browser_of_2024(name: str) -> None:
    """In older browsers, colours in `light-dark()` are unknown, and text would be black in the dark theme too."""
    assert "light-dark(" not in SHEETS[name]
