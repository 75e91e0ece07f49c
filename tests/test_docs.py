"""The documents match the code."""

import dataclasses
import importlib
import re
from collections.abc import Iterator

import click
import pytest
from flask import Flask

from daypass.cli.lazy_command import LazyCommand
from daypass.settings.definitions import Settings, variables
from tests.helpers.code_blocks import code_blocks
from tests.helpers.project import ROOT
from tests.helpers.security_document import SECURITY, named_tests

PAGES = [
    *("README.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md", "benchmarks/README.md"),
    *sorted(f"docs/{path.name}" for path in (ROOT / "docs").glob("*.md")),
]
TEXTS = {name: (ROOT / name).read_text() for name in PAGES}


def settings_table() -> list[str]:
    """The rows that the table in docs/settings.md should have."""
    defaults = {field.name: field.default for field in dataclasses.fields(Settings)}
    return [
        f"| `{variable}` | {setting.shown or f'`{defaults[name]}`'} | {setting.about} |"
        for variable, (name, setting) in variables().items()
    ]


def test_every_setting_is_listed_with_its_default() -> None:
    rows = [line for line in TEXTS["docs/settings.md"].splitlines() if line.startswith("| `DAYPASS_")]
    assert rows == settings_table()


@pytest.mark.parametrize("document", PAGES)
def test_no_document_names_a_setting_that_does_not_exist(document: str) -> None:
    assert set(re.findall(r"DAYPASS_[A-Z_]+[A-Z]", TEXTS[document])) <= set(variables())


def links(page: str) -> Iterator[tuple[str, str]]:
    """The links of a page to files of the project: path from the root, and anchor."""
    for target in re.findall(r"\]\((?!https?:)([^)]+)\)", TEXTS[page]):
        path, _, anchor = target.partition("#")
        file = (ROOT / page).parent / path if path else ROOT / page
        yield str(file.resolve().relative_to(ROOT)), anchor


def anchors(page: str) -> set[str]:
    """The anchors that GitHub gives to the headings of a page."""
    headings = re.findall(r"^#+ (.+)$", re.sub(r"```.*?```", "", TEXTS[page], flags=re.DOTALL), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("document", PAGES)
def test_every_link_to_a_file_leads_to_one(document: str) -> None:
    assert [file for file, _ in links(document) if not (ROOT / file).exists()] == []


@pytest.mark.parametrize("document", PAGES)
def test_every_link_to_a_section_leads_to_one(document: str) -> None:
    wanted = [(file, anchor) for file, anchor in links(document) if anchor]
    assert [(file, anchor) for file, anchor in wanted if anchor not in anchors(file)] == []


def test_every_test_that_security_names_exists() -> None:
    names = sorted(named_tests(SECURITY))
    assert len(names) > 40
    missing = [name for name in names if not defines(*name.split("::"))]
    assert missing == []


def defines(path: str, name: str) -> bool:
    file = ROOT / path
    return file.exists() and re.search(rf"^ *(?:def|class) {name}\b", file.read_text(), re.MULTILINE) is not None


@pytest.mark.parametrize(
    ("language", "file"),
    [("nginx", "nginx.conf"), ("caddyfile", "Caddyfile"), ("yaml", "traefik/dynamic.yml")],
)
def test_the_lines_for_a_proxy_are_those_of_the_file_that_is_tested(language: str, file: str) -> None:
    (example,) = code_blocks("docs/gateway.md", language)
    whole = [_without_comment(line) for line in (ROOT / "deploy" / file).read_text().splitlines()]
    assert [line for line in map(_without_comment, example.splitlines()) if line not in whole] == []


def _without_comment(line: str) -> str:
    return line.partition(" #")[0].strip()


def test_the_commands_that_install_the_unit_are_those_at_its_top() -> None:
    (example,) = [code for code in code_blocks("docs/operations.md", "") if "useradd" in code]
    top = re.findall(r"^#   (.+)$", (ROOT / "deploy/daypass.service").read_text(), re.MULTILINE)
    commands = [line for line in example.splitlines() if not line.startswith("echo ")]  # one setting
    assert commands == [_without_comment(line) for line in top]


def commands(page: str) -> list[list[str]]:
    """The commands of a page that start with `daypass`, as lists of words."""
    spans = re.findall(r"(?<![\w/-])(?<!from )(?:\.venv/bin/)?daypass (?!daypass)([^`\n|']*)", TEXTS[page])
    return [words for words in map(str.split, spans) if words and re.fullmatch("[a-z]+", words[0])]


def known_commands(app: Flask) -> dict[str, click.Command]:
    """The commands and groups of the app, by name."""
    return {name: loaded(each) for name, each in app.cli.commands.items()}


def loaded(command: click.Command) -> click.Command:
    """The real command, if this one only stands for it."""
    return command.load() if isinstance(command, LazyCommand) else command


def unknown(app: Flask, words: list[str]) -> list[str]:
    """The commands and options among these words that the program does not have."""
    name, *more = words
    command = known_commands(app).get(name)
    if command is None:
        return [name]
    if isinstance(command, click.Group) and more and re.fullmatch("[a-z]+", more[0]):
        name = more.pop(0)
        if name not in command.commands:
            return [name]
        command = loaded(command.commands[name])
    known = {option for parameter in command.params for option in parameter.opts}
    return [
        option for option in re.findall(r"(?<!\S)--[a-z-]+", " ".join(more).replace("[", "")) if option not in known
    ]


@pytest.mark.parametrize("document", PAGES)
def test_every_command_that_a_document_names_exists(app: Flask, document: str) -> None:
    assert [words for words in commands(document) if unknown(app, words)] == []


def test_every_command_is_in_the_reference(app: Flask) -> None:
    text = TEXTS["docs/operations.md"].partition("## Command reference")[2]
    rows = [line for line in text.splitlines() if line.startswith("| `daypass ")]
    groups = known_commands(app)
    wanted = {
        (name, each) for name, group in groups.items() for each in (getattr(group, "commands", None) or [""])
    }  # a command without a group stands for itself
    missing = {
        (name, each) for name, each in wanted if not any(f"`daypass {name}" in row and each in row for row in rows)
    }
    assert missing == set()


def test_the_lab_in_a_terminal_prints_what_the_page_shows(app: Flask) -> None:
    (example,) = [code for code in code_blocks("docs/lab.md", "") if "token encode" in code]
    encode, good, claims, bad, reason = example.splitlines()
    run = app.test_cli_runner().invoke
    key, json = re.findall(r"--key (\S+) '(.+)'", encode)[0]
    token = run(args=["token", "encode", "--key", key, json]).stdout
    shown = run(args=["token", "decode", "--key", key, "-"], input=token).stdout
    assert key in good and re.sub(r"\d{10}", "", shown.strip()) == re.sub(r"\d{10}", "", claims)
    other = re.findall(r"--key (\S+)", bad)[0]
    refused = run(args=["token", "decode", "--key", other, "-"], input=token)
    assert (refused.exit_code, refused.stdout.strip()) == (1, reason)


def test_every_page_that_a_document_names_exists() -> None:
    templates = {path.name: path.read_text() for path in ROOT.glob("templates/daypass/pages/*.html")}
    titles = {title for text in templates.values() for title in re.findall(r"block title %}([^{]+){% endblock", text)}
    texts = [" ".join(text.split()) for text in TEXTS.values()]
    assert {name for text in texts for name in re.findall("page “([^”]+)”", text)} <= titles
    buttons = {name for text in texts for name in re.findall("“([^”]+)” on the page of the account", text)}
    assert [name for name in buttons if f'"{name}"' not in templates["managed_account.html"]] == []


@pytest.mark.parametrize("document", PAGES)
def test_every_target_of_make_that_a_document_names_exists(document: str) -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    lines = re.findall(r"(?:`|^ *|\S=\S+ )make ((?:[a-z-]+(?: |$|`))+)", TEXTS[document], re.MULTILINE)
    assert {name for line in lines for name in re.findall("[a-z-]+", line)} <= targets


def test_the_document_of_the_attack_gallery_counts_its_attacks() -> None:
    from daypass.lab.attacks.catalogue import ATTACKS

    counts = [re.search(r"\b(\d+)\s+(?:ways to forge|attacks)", TEXTS[page]) for page in ("README.md", "docs/lab.md")]
    assert [found and int(found[1]) for found in counts] == [len(ATTACKS)] * 2


def test_the_document_of_the_attack_gallery_lists_its_attacks() -> None:
    from daypass.lab.attacks.catalogue import ATTACKS

    listed = re.findall(r"^\| (.+) \| (.+) \|$", TEXTS["docs/lab.md"].split("| usual name | in the gallery |")[1], re.M)
    assert listed[: len(ATTACKS)] == [(attack.usual_name, attack.title) for attack in ATTACKS]


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
