"""Parsing the rules file, and its faults with their lines."""

import re
import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daypass.net.request_target import from_typed_url
from daypass.rules.errors import InvalidRules
from daypass.rules.labels import NO_LABEL, Label
from daypass.rules.model import PUBLIC, SIGNED_IN, AllowList
from daypass.rules.parser import read_rules
from daypass.rules.toml_lines import TomlLines
from tests.helpers.project import ROOT

RULES = (ROOT / "docs/rules.md").read_text()
GOOD = '[[rule]]\nhost = "docs.example.org"\nallow = "public"\n'


def faults(text: str) -> list[tuple[int, str]]:
    with pytest.raises(InvalidRules) as broken:
        read_rules(text)
    return [(fault.line, fault.text) for fault in broken.value.errors]


def test_the_example_in_the_docs_is_a_rules_file() -> None:
    (example,) = re.findall(r"```toml\n(.+?)```", RULES, re.DOTALL)
    rules = read_rules(example)
    who = {
        url: str(rules.decide(from_typed_url(url, method)).allow)
        for method, url in [
            ("HEAD", "docs.example.org/news/a.html"),
            ("POST", "docs.example.org/news/"),
            ("GET", "reports.example.org/2026/a.pdf"),
            ("GET", "reports.example.org/2026/"),
            ("GET", "docs.example.org/"),
            ("GET", "www.docs.example.org/"),
        ]
    }
    assert who == {
        "docs.example.org/news/a.html": "everybody",
        "docs.example.org/news/": "everybody who is signed in",
        "reports.example.org/2026/a.pdf": "role staff or bob",
        "reports.example.org/2026/": "everybody who is signed in",
        "docs.example.org/": "everybody who is signed in",
        "www.docs.example.org/": "nobody",
    }


def test_a_rule_has_hosts_path_methods_and_who() -> None:
    (first, second) = read_rules(
        '[[rule]]\nhost = ["Docs.example.org.", "[::1]:8443"]\npath = "/a/*"\nmethods = ["GET", "PROPFIND"]\n'
        'allow = { roles = ["staff"], names = ["Bob"] }\n' + GOOD
    ).rules
    assert first.hosts == ("docs.example.org", "[::1]")
    assert (first.path.text, first.methods, first.line) == ("/a/*", ("GET", "PROPFIND"), 1)
    assert first.allow == AllowList(roles=("staff",), names=("bob",))
    assert (second.path.text, second.methods, second.allow, second.line) == ("/", (), PUBLIC, 6)


def test_programs_are_let_in_only_where_a_rule_says_so() -> None:
    rule = '[[rule]]\nhost = "docs.example.org"\nallow = "signed-in"\n'
    texts = [rule, f"{rule}programs = false\n", f"{rule}programs = true\n", f"{GOOD}programs = false\n"]
    assert [read_rules(text).rules[0].api_tokens for text in texts] == [False, False, True, False]
    target = from_typed_url("docs.example.org", "GET")
    assert [read_rules(text).decide(target).api_tokens for text in texts] == [False, False, True, False]


def test_a_public_page_cannot_let_programs_in() -> None:
    ((line, text),) = faults(f"{GOOD}programs = true\n")
    assert line == 4
    assert text.startswith('programs cannot be true if allow is "public"')


def test_a_rule_may_say_how_its_pages_are_shown() -> None:
    shown = 'title = " <b>Handbook</b> "\nicon = "📘"\ndescription = "How we work."\n'
    assert read_rules(GOOD).rules[0].label == NO_LABEL
    assert read_rules(GOOD + shown).rules[0].label == Label("<b>Handbook</b>", "📘", "How we work.")


@pytest.mark.parametrize("icon", ["A", "7", "HB", "é", "字", "📘", "✈️", "👩🏽\u200d💻", "🇩🇪", "❤️\u200d🔥"], ids=ascii)
def test_an_icon_is_an_emoji_or_one_or_two_letters(icon: str) -> None:
    assert read_rules(f'{GOOD}icon = "{icon}"\n').rules[0].label.icon == icon


def test_a_text_may_be_as_long_as_it_is_shown() -> None:
    label = read_rules(f'{GOOD}title = "{"ü" * 60}"\ndescription = "{"x" * 200}"\n').rules[0].label
    assert (len(label.title), len(label.description)) == (60, 200)


def test_the_hosts_of_the_rules_have_ports() -> None:
    text = '[[rule]]\nhost = ["a.example:8443", "b.example"]\nallow = "signed-in"\n'
    rules = read_rules(text)
    assert rules.hosts == {"a.example": 8443, "b.example": None}
    assert rules.rules[0].allow == SIGNED_IN


def rule_with(key: str, value: str) -> str:
    """A rule in which one key has this value, in line 5."""
    lines = {"host": '"docs.example.org"', "path": '"/"', "methods": '["GET"]', "allow": '"public"'} | {key: value}
    ordered = sorted(lines, key=lambda name: name == key)
    return "\n".join(["[[rule]]", *(f"{name} = {lines[name]}" for name in ordered)])


# One value a line.
WRONG = {
    "host": r"""
""
[]
[""]
1
true
["a.example", 1]
["a.example", "A.example."]
["a", "a"]
"*.example"
"https://a.example"
"a.example/x"
"bücher.example"
"a b"
"a,b"
"a:b"
{}
".a.example"
"a.example:0"
"127.1"
""",
    "path": r"""
""
"docs"
"/a//b"
"/../a"
"/a?b"
"/*.{a,b}"
"/a**"
"/%41"
[]
["/a"]
1
{}
"/a\u0000"
'/a\b'
"/a;b"
""",
    "methods": r"""
[]
""
"GET"
["get"]
["GETS"]
["GET", "GET"]
["GET,POST"]
[1]
["*"]
{}
""",
    "allow": r"""
""
"Public"
"signed in"
"nobody"
true
["staff"]
{}
{ roles = [] }
{ names = [] }
{ roles = "staff" }
{ roles = ["Staff"] }
{ names = ["a b"] }
{ roles = ["a", "a"] }
{ x = 1 }
{ roles = ["a"], x = 1 }
{ roles = [1] }
{ roles = ["a"], names = [] }
1
2026-11-23
""",
    "programs": r"""
"true"
1
0
[]
{}
true
""",
    "title": r"""
""
"  "
1
true
["Handbook"]
{}
"two\nlines"
"a\u0007bell"
"a\u2028separator"
"""
    + f'"{"x" * 61}"\n',
    "icon": r"""
""
" "
"ABC"
"<b>"
"-"
"A "
"📘📘"
"📘A"
"a\u0301\u0301\u0301"
"\u202eA"
1
["A"]
{}
"""
    + f'"{"📘" * 40}"\n',
    "description": r"""
""
1
[]
"two\nlines"
"""
    + f'"{"x" * 201}"\n',
    "hosts": '"docs.example.org"',
    "method": '"GET"',
    "name": '"first"',
}


@pytest.mark.parametrize(
    ("key", "value"),
    [(key, value) for key, values in WRONG.items() for value in values.strip().splitlines()],
    ids=ascii,
)
def test_a_wrong_value_or_key_is_told_with_its_line_and_named(key: str, value: str) -> None:
    lines = rule_with(key, value)
    ((line, text),) = faults(lines)
    assert lines.split("\n")[line - 1].startswith(f"{key} =")
    assert line == lines.count("\n") + 1
    assert key in text and text.isprintable()


def test_all_faults_are_told_in_the_order_of_their_lines() -> None:
    found = faults('x = 1\n\n[[rule]] # a\npath = "a"\nhost = ""\n\n[[rule]]\nallow = "all"\n[other]\n')
    assert [line for line, _ in found] == [1, 3, 4, 5, 7, 8, 9]


def test_the_error_names_the_setting_the_file_the_line_and_how_many_more_there_are() -> None:
    with pytest.raises(InvalidRules) as broken:
        read_rules('[[rule]]\nhost = ""\n', "mine.toml")
    assert str(broken.value).startswith(
        "DAYPASS_RULES cannot be used: mine.toml, line 1: this rule has no allow (and 1"
    )
    assert broken.value.messages[1].startswith("mine.toml, line 2: host ''")


SYNTAX = {
    "[[rule]]\nhost = \n": 2,
    "[[rule]]\nhost = 'a'\nhost = 'b'\n": 3,
    "[[rule]]\n\n[rule\n": 3,
    "[[rule]]\nmethods = [\n'GET',\n": 3,
    'a = """\n\n': 1,
    "\ufeff[[rule]]\n": 1,
    "[[rule]]\nx = '\0'": 2,
}


@pytest.mark.parametrize("text", SYNTAX, ids=ascii)
def test_what_is_not_toml_is_told_with_its_line(text: str) -> None:
    ((line, fault_text),) = faults(text)
    assert line == SYNTAX[text]
    assert fault_text.startswith("this is not TOML: ")


@pytest.mark.parametrize(
    "text", ["", "# none\n", "rule = []", "rule = 1", "[rule]\nhost = 'a'", "rule = [{ host = 'a' }]"]
)
def test_a_file_has_rules_each_below_its_line(text: str) -> None:
    ((line, fault_text),) = faults(text)
    assert line == 1 and "[[rule]]" in fault_text


def test_brackets_without_end_are_told() -> None:
    ((_, fault_text),) = faults("a = " + "[" * 20_000)
    assert "nested" in fault_text or "TOML" in fault_text


@pytest.mark.parametrize(
    "again",
    [
        GOOD,
        '[[rule]]\nhost = ["DOCS.example.org."]\npath = "/"\nallow = "signed-in"\n',
        '[[rule]]\nhost = "docs.example.org"\npath = "/**"\nallow = "signed-in"\n',
    ],
)
def test_a_rule_like_an_earlier_one_is_told(again: str) -> None:
    ((line, fault_text),) = faults(GOOD + again)
    assert line == 4 and "line 1" in fault_text


def test_a_host_with_another_port_elsewhere_is_told_since_no_port_decides() -> None:
    text = '[[rule]]\nhost = "nas:81"\nallow = "public"\n[[rule]]\nhost = "nas:82"\npath = "/a"\nallow = "public"'
    ((line, fault_text),) = faults(text)
    assert line == 4
    assert fault_text.startswith("nas has another port in line 1")


def test_a_value_is_shown_short_and_harmless() -> None:
    ((_, fault_text),) = faults(rule_with("host", '"' + r"\u001b[31m" + "x" * 200 + '"'))
    assert "\x1b" not in fault_text and len(fault_text) < 140


TRICKY = '''# [[rule]]
a = "[[rule]]" # host
e = """x"""" # " \'\'\'
b = """
[[rule]]
host = "x" \\"""
"""""
c = \'\'\'
[[rule]]\'\'\'
d = [
  "[[rule]]", # ]
  { x = "}" },
]
[[ rule ]] # [[rule]]
path = \'\'\'/a
host\'\'\'
"host" = "a"
  allow.roles = [
"host = 1"
]
[[rule]]
host = "b"
[rule.allow]
roles = ["c"]
[z]
host = 1
'''


def test_lines_are_found_among_strings_comments_and_lists() -> None:
    lines = TomlLines(TRICKY, "rule")
    assert len(tomllib.loads(TRICKY)["rule"]) == 2
    assert lines.tables == [14, 21]
    assert [lines.key_line(0, key) for key in ("path", "allow", "host", "none")] == [15, 18, 14, 14]
    assert [lines.key_line(1, key) for key in ("host", "allow")] == [22, 23]
    assert [lines.top_level_line(key) for key in ("a", "b", "c", "d", "z")] == [2, 4, 8, 10, 25]


TEXTS = st.sampled_from(
    ['"x"', "'y'", '"""\n[[rule]]\n"""', "'''\nhost = 1\n\n'''", '["a",\n"b"]', r'"\"[["', "1", "{ k = ']' }"]
)
PLACES = st.sampled_from(["host", "path", "methods", "allow"])
TABLES = st.lists(st.tuples(st.booleans(), st.dictionaries(PLACES, TEXTS, max_size=4)), min_size=1, max_size=4)


@given(TABLES)
def test_each_key_is_found_in_its_line(tables: list[tuple[bool, dict[str, str]]]) -> None:
    """Compared with the TOML parser, on each prefix of the text that is valid TOML."""
    text = "\n".join(
        "\n".join(["# [[rule]] '" * comment, "[[rule]]", *(f"{key} = {value} # ]" for key, value in keys.items())])
        for comment, keys in tables
    )
    lines, known = TomlLines(text, "rule"), set[tuple[int, str]]()
    begins, rows = 1, text.split("\n")
    for number in range(1, len(rows) + 1):
        try:
            found = tomllib.loads("\n".join(rows[:number])).get("rule", [])
        except tomllib.TOMLDecodeError:
            continue
        for place in {(at, key) for at, table in enumerate(found) for key in table} - known:
            assert lines.key_line(*place) == begins
            known.add(place)
        begins = number + 1


@given(st.one_of(st.text(), st.lists(st.sampled_from([*TRICKY.split("\n"), *GOOD.split("\n")])).map("\n".join)))
def test_any_text_is_rules_or_a_list_of_faults(text: str) -> None:
    try:
        assert len(read_rules(text)) > 0
    except InvalidRules as error:
        assert all(1 <= fault.line <= text.count("\n") + 1 and fault.text.isprintable() for fault in error.errors)
