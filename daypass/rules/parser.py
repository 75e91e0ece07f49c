"""Parse the rules file, a TOML file, into rules or into a list of errors with line numbers."""

import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http import HTTPMethod
from typing import Any, TypeVar

from daypass.accounts.names import canonical
from daypass.accounts.roles import check_role
from daypass.errors import DaypassError
from daypass.net.hosts import parse_host
from daypass.rules.errors import InvalidRules, RuleError
from daypass.rules.labels import Label, read_description, read_icon, read_title
from daypass.rules.model import PUBLIC, SIGNED_IN, AllowList, Rule, Rules
from daypass.rules.patterns import ALL_PATHS, Pattern, read_pattern
from daypass.rules.toml_lines import TomlLines

T = TypeVar("T")

KEYS = ("host", "path", "methods", "allow", "programs", "title", "icon", "description")
WEBDAV = {"COPY", "LOCK", "MKCALENDAR", "MKCOL", "MOVE", "PROPFIND", "PROPPATCH", "REPORT", "SEARCH", "UNLOCK"}
METHODS = {*HTTPMethod} | WEBDAV
ALLOW_KEYWORDS = {"public": PUBLIC, "signed-in": SIGNED_IN}
ALLOW_FORMS = 'must be "public", "signed-in" or { roles = [...], names = [...] }'
PROGRAMS_ON_PUBLIC_PAGE = 'programs cannot be true if allow is "public": a public page needs no token'
LOCATION = re.compile(r" \(at (?:line (\d+), column \d+|end of document)\)$")


def read_rules(text: str, name: str = "rules.toml") -> Rules:
    """Parse the text of a rules file. Raises InvalidRules with every error; `name` is the file's name in them."""
    try:
        return _Parser(name, tomllib.loads(text), TomlLines(text, "rule")).rules()
    except tomllib.TOMLDecodeError as error:
        raise InvalidRules(name, [_syntax_error(str(error), text)]) from None
    except RecursionError:
        raise InvalidRules(name, [RuleError(1, "brackets are nested too deeply")]) from None


def _syntax_error(message: str, text: str) -> RuleError:
    """Convert a message of tomllib, which ends with the location, to an error with a line number."""
    location = LOCATION.search(message)
    line = int(location[1]) if location and location[1] else text.rstrip().count("\n") + 1
    return RuleError(line, f"this is not TOML: {LOCATION.sub('', message)}")


@dataclass
class _Parser:
    """Parses one file. Goes on after an error, so that all errors are reported at once."""

    name: str
    document: Mapping[str, Any]
    lines: TomlLines
    errors: list[RuleError] = field(default_factory=list)

    def rules(self) -> Rules:
        for key in self.document.keys() - {"rule"}:
            self._error(self.lines.top_level_line(key), f"{shown(key)} is unknown: only [[rule]] tables are allowed")
        tables = self.document.get("rule", [])
        if not tables or not isinstance(tables, list) or len(tables) != len(self.lines.tables):
            self._error(
                self.lines.top_level_line("rule"), "each rule must begin with a line [[rule]], and one is required"
            )
            tables = []
        rules = [self._rule(number, table) for number, table in enumerate(tables)]
        found = Rules(tuple(rule for rule, _ in rules), self._hosts(rules))
        self._check_repeated(found.rules)
        if self.errors:
            raise InvalidRules(self.name, self.errors)
        return found

    def _rule(self, number: int, table: Mapping[str, Any]) -> tuple[Rule, dict[str, int | None]]:
        """One rule, and its hosts with their ports. Invalid values are replaced with harmless defaults."""
        line = self.lines.table_line(number)
        for key in table.keys() - set(KEYS):
            self._error(self.lines.key_line(number, key), f"{shown(key)} is unknown: a rule can have {', '.join(KEYS)}")
        for key in ("host", "allow"):
            if key not in table:
                self._error(line, f"this rule has no {key}")
        no_hosts: dict[str, int | None] = {}
        no_methods: tuple[str, ...] = ()
        hosts = self._value(number, table, "host", _hosts, no_hosts)
        path = self._value(number, table, "path", _path, ALL_PATHS)
        methods = self._value(number, table, "methods", _methods, no_methods)
        allow = self._value(number, table, "allow", _allow, AllowList())
        programs = self._value(number, table, "programs", _programs, False)
        if programs and allow.public:
            self._error(self.lines.key_line(number, "programs"), PROGRAMS_ON_PUBLIC_PAGE)
        return Rule(tuple(hosts), path, methods, allow, line, programs, self._label(number, table)), hosts

    def _label(self, number: int, table: Mapping[str, Any]) -> Label:
        return Label(
            title=self._value(number, table, "title", read_title, ""),
            icon=self._value(number, table, "icon", read_icon, ""),
            description=self._value(number, table, "description", read_description, ""),
        )

    def _value(self, number: int, table: Mapping[str, Any], key: str, read: Callable[[Any], T], default: T) -> T:
        if key not in table:
            return default
        try:
            return read(table[key])
        except ValueError as error:
            self._error(self.lines.key_line(number, key), f"{key} {error}")
            return default

    def _hosts(self, rules: list[tuple[Rule, dict[str, int | None]]]) -> dict[str, int | None]:
        """All hosts that the rules name. Each must have the same port everywhere, since rules ignore ports."""
        found: dict[str, tuple[int | None, int]] = {}
        for rule, hosts in rules:
            for host, port in hosts.items():
                known, line = found.setdefault(host, (port, rule.line))
                if known != port:
                    self._error(
                        rule.line,
                        f"{host} has another port in line {line}; a rule applies to all ports of a host, so give it "
                        "the same port everywhere, and use a host name of its own for each app",
                    )
        return {host: port for host, (port, _) in found.items()}

    def _check_repeated(self, rules: tuple[Rule, ...]) -> None:
        """Report each rule that matches exactly what an earlier rule matches."""
        first: dict[Any, int] = {}
        for rule in rules:
            scope = (frozenset(rule.hosts), rule.path.segments, frozenset(rule.methods))
            if rule.hosts and first.setdefault(scope, rule.line) != rule.line:
                earlier = f"the rule in line {first[scope]} has the same host, path and methods"
                self._error(rule.line, f"this rule can never decide: {earlier}")

    def _error(self, line: int, text: str) -> None:
        self.errors.append(RuleError(line, text))


def shown(value: Any) -> str:
    """A value as text for an error message: quoted, shortened, and without control characters."""
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."


def _hosts(value: Any) -> dict[str, int | None]:
    hosts: dict[str, int | None] = {}
    for text in _strings([value] if isinstance(value, str) else value):
        try:
            host, port = parse_host(text)
        except DaypassError:
            raise ValueError(f"{shown(text)} is not a host such as docs.example.org, in ASCII") from None
        if host in hosts:
            raise ValueError(f"{shown(text)} is listed twice")
        hosts[host] = port
    return hosts


def _path(value: Any) -> Pattern:
    if not isinstance(value, str):
        raise ValueError("must be a string")
    try:
        return read_pattern(value)
    except ValueError as error:
        raise ValueError(f"{shown(value)} {error}") from None


def _methods(value: Any) -> tuple[str, ...]:
    methods = _strings(value)
    for method in methods:
        if method not in METHODS:
            raise ValueError(f"{shown(method)} is not an HTTP method in capitals, such as GET")
    return methods


def _allow(value: Any) -> AllowList:
    if isinstance(value, str) and value in ALLOW_KEYWORDS:
        return ALLOW_KEYWORDS[value]
    if not isinstance(value, dict) or not value or value.keys() - {"roles", "names"}:
        raise ValueError(f"{ALLOW_FORMS}, not {shown(value)}")
    roles = _names(value["roles"], check_role) if "roles" in value else ()
    names = _names(value["names"], canonical) if "names" in value else ()
    return AllowList(roles=roles, names=names)


def _programs(value: Any) -> bool:
    if not isinstance(value, bool):
        raise ValueError(f"must be true or false, not {shown(value)}")
    return value


def _names(value: Any, check: Callable[[str], str]) -> tuple[str, ...]:
    """Names of roles or accounts, in canonical form. Raises ValueError for an invalid name."""
    names = []
    for text in _strings(value):
        try:
            names.append(check(text))
        except DaypassError as error:
            reason = error.message[0].lower() + error.message[1:].rstrip(".")
            raise ValueError(f"has {shown(text)}: {reason}") from None
    return tuple(dict.fromkeys(names))


def _strings(value: Any) -> tuple[str, ...]:
    """A list of strings that is not empty and has no duplicates. Raises ValueError for anything else."""
    if not isinstance(value, list) or not value or not all(isinstance(text, str) for text in value):
        raise ValueError("must be a list of strings, with at least one")
    if len(set(value)) < len(value):
        raise ValueError("lists a value twice")
    return tuple(value)
