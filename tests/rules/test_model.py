"""The rules: patterns, the first rule that matches, and shadowed rules."""

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import unquote

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from daypass.errors import AmbiguousTarget
from daypass.net.paths import path_segments
from daypass.net.request_target import RequestTarget, request_target
from daypass.rules import patterns
from daypass.rules.model import NO_RULES, NOBODY, PUBLIC, SIGNED_IN, AllowList, Decision, Outcome, Rule, Rules, shadowed
from daypass.rules.patterns import ALL_PATHS, Pattern, read_pattern


@dataclass(frozen=True)
class Person:
    """Somebody signed in."""

    name: str
    roles: Sequence[str] = ()


ALICE, BOB, CHARLIE = Person("alice", ("admin",)), Person("bob"), Person("charlie", ("staff", "writer"))
DOCS = "docs.example.org"


def rule(
    path: str = "/", who: AllowList = SIGNED_IN, *methods: str, hosts: tuple[str, ...] = (DOCS,), line: int = 0
) -> Rule:
    return Rule(hosts, read_pattern(path), methods, who, line)


def rules(*these: Rule) -> Rules:
    return Rules(these, {host: None for rule in these for host in rule.hosts})


MATCHES = {
    "/": ["/", "/a", "/a/b.html"],
    "/docs": ["/docs", "/docs/", "/docs/a", "/docs/a/b"],
    "/docs/": ["/docs", "/docs/", "/docs/a", "/docs/a/b"],
    "/a b/\u00fc": ["/a b/\u00fc/x", "/a b/u\u0308"],
    "/*": ["/a", "/a/", "/.x", "/*", "/**"],
    "/**": ["/", "/a", "/a/b/c", "/**"],
    "/docs/**": ["/docs", "/docs/a", "/docs/a/b"],
    "/**/*.pdf": ["/a.pdf", "/x/y/a.pdf", "/.pdf", "/x.pdf/y.pdf", "/a.pdf/"],
    "/users/*/files/**": ["/users/bob/files", "/users/bob/files/a/b", "/users/**/files"],
    "/**/private/**": ["/private", "/a/private", "/a/b/private/c", "/private/private"],
    "/**/a/**/b": ["/a/b", "/x/a/y/b", "/a/a/b/b", "/a/b/b"],
    "/*a*b*": ["/ab", "/xaybz", "/aabb"],
    "/a!*": ["/a!", "/a!b"],
}
MISSES = {
    "/docs": ["/", "/doc", "/docs-old", "/docs.html", "/x/docs", "/Docs"],
    "/docs/a": ["/docs", "/docs/ab", "/docs/A"],
    "/*": ["/", "/a/b"],
    "/docs/*": ["/docs", "/docs/a/b", "/x/a"],
    "/**/*.pdf": ["/", "/a.pdfx", "/a.pdf/b", "/apdf", "/a.PDF"],
    "/users/*/files": ["/users/files", "/users/a/b/files", "/users/bob/files/x"],
    "/**/a/**/b": ["/b/a", "/a", "/b", "/a/b/c"],
    "/docs/**": ["/", "/docs-old/a"],
}


@pytest.mark.parametrize(("pattern", "path"), [(pattern, path) for pattern, paths in MATCHES.items() for path in paths])
def test_a_path_matches(pattern: str, path: str) -> None:
    assert read_pattern(pattern).matches(request_target(DOCS, _encoded(path), "GET").segments)


@pytest.mark.parametrize(("pattern", "path"), [(pattern, path) for pattern, paths in MISSES.items() for path in paths])
def test_a_path_does_not_match(pattern: str, path: str) -> None:
    assert not read_pattern(pattern).matches(path_segments(path))


def _encoded(path: str) -> str:
    return "".join(letter if "!" <= letter <= "~" else "".join(f"%{b:02x}" for b in letter.encode()) for letter in path)


@pytest.mark.parametrize(
    "text",
    [
        *["", " /a", "docs", "docs/*", "/a//b", "/../a", "/./a", "/.../a", "/a;b", "/a\\b", "/a\0", "/a%20b"],
        *["/a?b", "/[ab]", "/*.{pdf,doc}", "/a**", "/**a/b", "/***"],
    ],
)
def test_a_pattern_that_could_not_match_as_intended_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"^(must|has|could|is) "):
        read_pattern(text)


# A second, simple implementation of patterns: recursion over the segments, one character at a time.


def plainly_fits(pattern: str, path: str) -> bool:
    whole = [part for part in pattern.split("/") if part]
    if "*" not in pattern:
        return [part for part in path.split("/") if part][: len(whole)] == whole
    return plainly_segments(whole, [part for part in path.split("/") if part])


def plainly_segments(pattern: list[str], path: list[str]) -> bool:
    if not pattern:
        return not path
    if pattern[0] == "**":
        return any(plainly_segments(pattern[1:], path[taken:]) for taken in range(len(path) + 1))
    return bool(path) and plainly_letters(pattern[0], path[0]) and plainly_segments(pattern[1:], path[1:])


def plainly_letters(pattern: str, segment: str) -> bool:
    if not pattern:
        return not segment
    if pattern[0] == "*":
        return any(plainly_letters(pattern[1:], segment[taken:]) for taken in range(len(segment) + 1))
    return segment[:1] == pattern[0] and plainly_letters(pattern[1:], segment[1:])


SEGMENTS = st.sampled_from(["a", "b", "ab", "a.b", "*", "**", "a*", "*b", "*a*"])
PATTERNS = st.lists(SEGMENTS, max_size=5).map(lambda parts: "/" + "/".join(parts))
HOSTS = st.sampled_from([DOCS, "reports.example.org"])
HOST_SPELLINGS = st.sampled_from(
    [
        DOCS,
        "Docs.Example.org.",
        f"{DOCS}:8443",
        "reports.example.org",
        "evil.example",
        f"{DOCS}.evil.example",
        f"x{DOCS}",
    ]
)
PIECES = ["a", "b", "ab", "a.b", "%61", "A", "*", "**", "/", "//", ".", "..", "%2e", "%2f", "\\", ";", "?", "#", "%23"]
PIECES += ["%00", "%25", "%252e", "%5c", "%ff", "%c3%bc", " ", "\u00fc", "/a/", "/b"]
TARGETS = st.lists(st.sampled_from(PIECES), max_size=8).map(lambda pieces: "/" + "".join(pieces))
METHODS = st.sampled_from(["GET", "HEAD", "POST"])
RULES = st.builds(
    lambda path, host, method, role: rule(path, AllowList(roles=(role,)), *method, hosts=(host,)),
    PATTERNS,
    HOSTS,
    st.sampled_from([(), ("GET",), ("POST",)]),
    st.sampled_from(["one", "two", "three"]),
)


@given(st.lists(RULES, max_size=5), HOST_SPELLINGS, TARGETS, METHODS)
@example([rule("/**", AllowList(roles=("one",))), rule("/", PUBLIC)], DOCS, "/**", "GET")
@example([rule("/a", PUBLIC)], DOCS, "/b?/a", "GET")
def test_the_rule_that_decides_is_the_one_of_a_simple_implementation(
    these: list[Rule], host: str, target: str, method: str
) -> None:
    made = rules(*these)
    try:
        decision = made.decide(request_target(host, target, method))
    except AmbiguousTarget:
        return
    path, name = unquote(target.split("?")[0]), host.lower().split(":")[0].removesuffix(".")
    assert not {".", ".."} & set(path.split("/")) and not {"\\", ";", "\0"} & set(path) and "//" not in path
    fitting = [
        rule
        for rule in these
        if name in rule.hosts
        and plainly_fits(rule.path.text, path)
        and (not rule.methods or method.replace("HEAD", "GET") in rule.methods)
    ]
    named = any(name in rule.hosts for rule in these)
    assert decision == (Decision(fitting[0].allow, fitting[0]) if fitting else Decision(SIGNED_IN if named else NOBODY))


def test_rules_for_other_folders_and_hosts_are_not_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    folders = [rule(f"/folder-{number}/*.pdf") for number in range(1000)]
    elsewhere = [rule("/", hosts=(f"host-{number}.example.org",)) for number in range(1000)]
    made = rules(*folders, *elsewhere, rule("/**/*.pdf", PUBLIC), rule("/folder-7/"))
    matches, tried = Pattern.matches, []

    def note(self: Pattern, path: Sequence[str]) -> bool:
        tried.append(self.text)
        return matches(self, path)

    monkeypatch.setattr(Pattern, "matches", note)
    assert made.decide(RequestTarget(DOCS, "/folder-7/a/b.pdf")).allow == PUBLIC
    assert made.decide(RequestTarget(DOCS, "/")).rule is None
    assert tried == ["/folder-7/*.pdf", "/**/*.pdf", "/**/*.pdf"]


def test_the_first_rule_that_fits_decides() -> None:
    made = rules(rule("/news/", PUBLIC), rule("/", AllowList(roles=("staff",))), rule("/plans/", PUBLIC))
    assert made.decide(RequestTarget(DOCS, "/news/a")).rule is made.rules[0]
    assert made.decide(RequestTarget(DOCS, "/plans/a")).rule is made.rules[1]
    assert [(one, why) for one, why in made.skipped(RequestTarget(DOCS, "/plans/a"))] == [(made.rules[0], "path")]


def test_what_no_rule_fits_needs_a_sign_in_on_a_named_host_and_is_refused_elsewhere() -> None:
    made = rules(rule("/news/", PUBLIC))
    assert made.decide(RequestTarget(DOCS, "/plans/")) == Decision(SIGNED_IN)
    assert made.decide(RequestTarget("evil.example", "/news/")) == Decision(NOBODY)
    assert NO_RULES.decide(RequestTarget(DOCS, "/")) == Decision(NOBODY)


def test_get_includes_head_and_no_other_method_includes_another() -> None:
    made = rules(rule("/", PUBLIC, "GET"))
    responses = {
        method: made.decide(RequestTarget(DOCS, "/", method)).allow for method in ("GET", "HEAD", "POST", "OPTIONS")
    }
    assert responses == {"GET": PUBLIC, "HEAD": PUBLIC, "POST": SIGNED_IN, "OPTIONS": SIGNED_IN}
    only_head = rules(rule("/", PUBLIC, "HEAD"))
    assert only_head.decide(RequestTarget(DOCS, "/", "GET")).allow == SIGNED_IN


@pytest.mark.parametrize(
    ("who", "outcomes"),
    [
        (PUBLIC, [Outcome.ALLOWED] * 4),
        (SIGNED_IN, [Outcome.SIGN_IN, Outcome.ALLOWED, Outcome.ALLOWED, Outcome.ALLOWED]),
        (AllowList(roles=("staff",)), [Outcome.SIGN_IN, Outcome.ROLE_MISSING, Outcome.ROLE_MISSING, Outcome.ALLOWED]),
        (AllowList(names=("bob",)), [Outcome.SIGN_IN, Outcome.ROLE_MISSING, Outcome.ALLOWED, Outcome.ROLE_MISSING]),
        (
            AllowList(roles=("admin",), names=("bob",)),
            [Outcome.SIGN_IN, Outcome.ALLOWED, Outcome.ALLOWED, Outcome.ROLE_MISSING],
        ),
        (AllowList(roles=("bob",), names=("staff",)), [Outcome.SIGN_IN] + [Outcome.ROLE_MISSING] * 3),
        (NOBODY, [Outcome.REFUSED] * 4),
    ],
    ids=str,
)
def test_the_outcome_for_each_visitor(who: AllowList, outcomes: list[Outcome]) -> None:
    assert [Decision(who).outcome(person) for person in (None, ALICE, BOB, CHARLIE)] == outcomes


SHADOWED = [
    (rule("/"), rule("/docs/")),
    (rule("/docs"), rule("/docs/a.html")),
    (rule("/**/*.pdf"), rule("/docs/*.pdf")),
    (rule("/**/*.pdf"), rule("/docs/**/a*.pdf")),
    (rule("/docs/**"), rule("/docs/*/b")),
    (rule("/docs"), rule("/docs/**/*.pdf")),
    (rule("/", PUBLIC, "GET"), rule("/docs/", PUBLIC, "HEAD")),
    (rule("/", PUBLIC, "GET", "POST"), rule("/", PUBLIC, "POST")),
    (rule("/", hosts=(DOCS, "b.example")), rule("/", hosts=("b.example",))),
]
NOT_SHADOWED = [
    (rule("/docs/"), rule("/")),
    (rule("/docs/a"), rule("/docs/ab")),
    (rule("/*"), rule("/**")),
    (rule("/*.pdf"), rule("/*")),
    (rule("/docs/*"), rule("/docs/**")),
    (rule("/*/a"), rule("/**/a")),
    (rule("/", PUBLIC, "GET"), rule("/")),
    (rule("/", PUBLIC, "HEAD"), rule("/", PUBLIC, "GET")),
    (rule("/", hosts=("b.example",)), rule("/", hosts=(DOCS, "b.example"))),
]


@pytest.mark.parametrize("pair", SHADOWED, ids=lambda pair: f"{pair[0].path.text} {pair[1].path.text}")
def test_a_rule_that_can_never_decide_is_found(pair: tuple[Rule, Rule]) -> None:
    assert shadowed(rules(*pair)) == [(pair[1], [pair[0]])]


@pytest.mark.parametrize("pair", NOT_SHADOWED, ids=lambda pair: f"{pair[0].path.text} {pair[1].path.text}")
def test_a_rule_that_can_decide_is_left_alone(pair: tuple[Rule, Rule]) -> None:
    assert shadowed(rules(*pair)) == []


def test_each_host_of_a_rule_may_be_taken_by_another_one() -> None:
    first, second = rule("/"), rule("/a", hosts=("b.example",))
    both = rule("/a/b", hosts=(DOCS, "b.example"))
    assert shadowed(rules(first, second, both)) == [(both, [first, second])]
    assert shadowed(rules(first, both)) == []


@given(st.lists(RULES, min_size=2, max_size=4), HOSTS, TARGETS, METHODS)
def test_a_shadowed_rule_never_decides(these: list[Rule], host: str, target: str, method: str) -> None:
    made = rules(*[Rule(one.hosts, one.path, one.methods, one.allow, line) for line, one in enumerate(these)])
    dead = [one for one, _ in shadowed(made)]
    try:
        decision = made.decide(request_target(host, target, method))
    except AmbiguousTarget:
        return
    assert decision.rule is None or decision.rule not in dead


def test_the_work_of_a_glob_grows_with_the_product_of_the_lengths(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = 0

    def counted(segment: str, pattern: str) -> bool:
        nonlocal asked
        asked += 1
        return segment == pattern

    glob = read_pattern("/**/a" * 10 + "/b")
    assert not patterns._matches(glob.segments, ["a"] * 1000, counted)
    assert asked <= 1000 * len(glob.segments)


def test_without_a_path_a_rule_is_about_everything() -> None:
    assert ALL_PATHS.matches(()) and ALL_PATHS.matches(("a", "b"))
