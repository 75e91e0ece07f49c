"""The documents say what the code does."""

import dataclasses
import importlib
import re
from pathlib import Path

import pytest

from daypass.settings.definitions import Settings, variables

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text()
SECURITY = (ROOT / "SECURITY.md").read_text()


def settings_table() -> list[str]:
    """The rows that the README's table of settings should have."""
    defaults = {field.name: field.default for field in dataclasses.fields(Settings)}
    return [
        f"| `{variable}` | {setting.shown or f'`{defaults[name]}`'} | {setting.about} |"
        for variable, (name, setting) in variables().items()
    ]


def test_the_readme_lists_every_setting_with_its_default() -> None:
    rows = [line for line in README.splitlines() if line.startswith("| `DAYPASS_")]
    assert rows == settings_table()


def test_no_document_names_a_setting_that_does_not_exist() -> None:
    named = set(re.findall(r"DAYPASS_[A-Z_]+", README + SECURITY))
    assert named <= set(variables())


@pytest.mark.parametrize("document", ["README.md", "SECURITY.md", "CHANGELOG.md"])
def test_every_link_to_a_file_leads_to_one(document: str) -> None:
    targets = re.findall(r"\]\((?!https?:)([^)#]+)\)", (ROOT / document).read_text())
    assert [target for target in targets if not (ROOT / target).exists()] == []


def named_tests() -> list[str]:
    """Every `path::name` in SECURITY.md."""
    return sorted(set(re.findall(r"`(tests/[\w/]+\.py::\w+)`", SECURITY)))


def test_every_test_that_security_names_exists() -> None:
    assert len(named_tests()) > 40
    missing = [name for name in named_tests() if not defines(*name.split("::"))]
    assert missing == []


def defines(path: str, name: str) -> bool:
    file = ROOT / path
    return file.exists() and re.search(rf"^ *(?:def|class) {name}\b", file.read_text(), re.MULTILINE) is not None


def test_the_example_in_the_readme_is_the_code() -> None:
    (example,) = [code for code in re.findall(r"```python\n(.+?)```", README, re.DOTALL) if "@token_required" in code]
    assert example.strip() in (ROOT / "daypass/views/members.py").read_text()


@pytest.mark.parametrize(
    ("language", "file"),
    [("nginx", "nginx.conf"), ("caddyfile", "Caddyfile"), ("yaml", "traefik/dynamic.yml")],
)
def test_the_lines_for_a_proxy_in_the_readme_are_those_of_the_file_that_is_tested(language: str, file: str) -> None:
    (example,) = re.findall(rf"```{language}\n(.+?)```", README, re.DOTALL)
    whole = [_without_comment(line) for line in (ROOT / "deploy" / file).read_text().splitlines()]
    assert [line for line in map(_without_comment, example.splitlines()) if line not in whole] == []


def _without_comment(line: str) -> str:
    return line.partition(" #")[0].strip()


def test_every_module_says_what_it_is_for() -> None:
    modules = [
        path.relative_to(ROOT).with_suffix("")
        for path in (ROOT / "daypass").rglob("*.py")
        if "migrations" not in path.parts
    ]
    silent = [
        name
        for name in modules
        if not importlib.import_module(str(name).replace("/", ".").removesuffix(".__init__")).__doc__
    ]
    assert silent == []
