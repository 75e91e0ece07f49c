"""The rules file: TOML becomes rules, or a list of what is wrong in it, line by line."""

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
from daypass.rules.model import PUBLIC, SIGNED_IN, AllowList, Rule, Rules
from daypass.rules.patterns import ALL_PATHS, Pattern, read_pattern
from daypass.rules.toml_lines import TomlLines

T = TypeVar("T")

KEYS = ("host", "path", "methods", "allow", "programs")
WEBDAV = {"COPY", "LOCK", "MKCALENDAR", "MKCOL", "MOVE", "PROPFIND", "PROPPATCH", "REPORT", "SEARCH", "UNLOCK"}
METHODS = {*HTTPMethod} | WEBDAV
WORDS = {"public": PUBLIC, "signed-in": SIGNED_IN}
SHAPE = 'must be "public", "signed-in" or { roles = [...], names = [...] }'
PROGRAMS_OF_ALL = 'programs must not be true where allow is "public": such a page needs no token, and names none'
AT = re.compile(r" \(at (?:line (\d+), column \d+|end of document)\)$")


def read_rules(text: str, name: str = "rules.toml") -> Rules:
    """The rules of a file, whose name the errors tell. Raises InvalidRules with all that is wrong."""
    try:
        return _Reading(name, tomllib.loads(text), TomlLines(text, "rule")).rules()
    except tomllib.TOMLDecodeError as error:
        raise InvalidRules(name, [_syntax_fault(str(error), text)]) from None
    except RecursionError:
        raise InvalidRules(name, [RuleError(1, "brackets are nested too deep")]) from None


def _syntax_fault(told: str, text: str) -> RuleError:
    """The parser's word, with the line that it names at the end."""
    place = AT.search(told)
    line = int(place[1]) if place and place[1] else text.rstrip().count("\n") + 1
    return RuleError(line, f"this is not TOML: {AT.sub('', told)}")


@dataclass
class _Reading:
    """One reading of a file: goes on after a fault, so that all are told at once."""

    name: str
    document: Mapping[str, Any]
    lines: TomlLines
    faults: list[RuleError] = field(default_factory=list)

    def rules(self) -> Rules:
        for key in self.document.keys() - {"rule"}:
            self._fault(self.lines.of_top(key), f"{shown(key)} is unknown: there are only tables [[rule]]")
        tables = self.document.get("rule", [])
        if not tables or not isinstance(tables, list) or len(tables) != len(self.lines.tables):
            self._fault(self.lines.of_top("rule"), "each rule must stand below a line [[rule]], and there must be one")
            tables = []
        rules = [self._rule(number, table) for number, table in enumerate(tables)]
        found = Rules(tuple(rule for rule, _ in rules), self._hosts(rules))
        self._refuse_repeated(found.rules)
        if self.faults:
            raise InvalidRules(self.name, self.faults)
        return found

    def _rule(self, number: int, table: Mapping[str, Any]) -> tuple[Rule, dict[str, int | None]]:
        """One rule, and its hosts with their ports. Where something is wrong, something harmless stands for it."""
        line = self.lines.of_table(number)
        for key in table.keys() - set(KEYS):
            self._fault(self.lines.of_key(number, key), f"{shown(key)} is unknown: a rule has {', '.join(KEYS)}")
        for key in ("host", "allow"):
            if key not in table:
                self._fault(line, f"this rule has no {key}")
        no_hosts: dict[str, int | None] = {}
        no_methods: tuple[str, ...] = ()
        hosts = self._value(number, table, "host", _hosts, no_hosts)
        path = self._value(number, table, "path", _path, ALL_PATHS)
        methods = self._value(number, table, "methods", _methods, no_methods)
        who = self._value(number, table, "allow", _who, AllowList())
        programs = self._value(number, table, "programs", _programs, False)
        if programs and who.public:
            self._fault(self.lines.of_key(number, "programs"), PROGRAMS_OF_ALL)
        return Rule(tuple(hosts), path, methods, who, line, programs), hosts

    def _value(self, number: int, table: Mapping[str, Any], key: str, read: Callable[[Any], T], otherwise: T) -> T:
        if key not in table:
            return otherwise
        try:
            return read(table[key])
        except ValueError as error:
            self._fault(self.lines.of_key(number, key), f"{key} {error}")
            return otherwise

    def _hosts(self, rules: list[tuple[Rule, dict[str, int | None]]]) -> dict[str, int | None]:
        """All hosts that are named. Each must stand with the same port everywhere, since no port decides anything."""
        found: dict[str, tuple[int | None, int]] = {}
        for rule, hosts in rules:
            for host, port in hosts.items():
                known, line = found.setdefault(host, (port, rule.line))
                if known != port:
                    self._fault(
                        rule.line,
                        f"{host} has another port in line {line}; rules hold for all ports of a host, so name it once "
                        "and the same way everywhere, and give two apps two names",
                    )
        return {host: port for host, (port, _) in found.items()}

    def _refuse_repeated(self, rules: tuple[Rule, ...]) -> None:
        """Fault each rule that fits exactly what an earlier one does."""
        first: dict[Any, int] = {}
        for rule in rules:
            about = (frozenset(rule.hosts), rule.path.segments, frozenset(rule.methods))
            if rule.hosts and first.setdefault(about, rule.line) != rule.line:
                earlier = f"the one in line {first[about]} has the same host, path and methods"
                self._fault(rule.line, f"this rule can never decide: {earlier}")

    def _fault(self, line: int, text: str) -> None:
        self.faults.append(RuleError(line, text))


def shown(value: Any) -> str:
    """A value as it stands in an error: in quotes, short, nothing in it that a terminal would act on."""
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."


def _hosts(value: Any) -> dict[str, int | None]:
    hosts: dict[str, int | None] = {}
    for text in _texts([value] if isinstance(value, str) else value):
        try:
            host, port = parse_host(text)
        except DaypassError:
            raise ValueError(f"{shown(text)} is not a host such as docs.example.org, in plain ASCII") from None
        if host in hosts:
            raise ValueError(f"{shown(text)} stands twice")
        hosts[host] = port
    return hosts


def _path(value: Any) -> Pattern:
    if not isinstance(value, str):
        raise ValueError("must be one text in quotes")
    try:
        return read_pattern(value)
    except ValueError as error:
        raise ValueError(f"{shown(value)} {error}") from None


def _methods(value: Any) -> tuple[str, ...]:
    methods = _texts(value)
    for method in methods:
        if method not in METHODS:
            raise ValueError(f"{shown(method)} is not a method such as GET, in capitals")
    return methods


def _who(value: Any) -> AllowList:
    if isinstance(value, str) and value in WORDS:
        return WORDS[value]
    if not isinstance(value, dict) or not value or value.keys() - {"roles", "names"}:
        raise ValueError(f"{SHAPE}, and not {shown(value)}")
    roles = _words(value["roles"], check_role) if "roles" in value else ()
    names = _words(value["names"], canonical) if "names" in value else ()
    return AllowList(roles=roles, names=names)


def _programs(value: Any) -> bool:
    if not isinstance(value, bool):
        raise ValueError(f"must be true or false, and not {shown(value)}")
    return value


def _words(value: Any, read: Callable[[str], str]) -> tuple[str, ...]:
    """Names of roles or accounts, held to the rules for these."""
    words = []
    for text in _texts(value):
        try:
            words.append(read(text))
        except DaypassError as error:
            rule = error.message[0].lower() + error.message[1:].rstrip(".")
            raise ValueError(f"has {shown(text)}: {rule}") from None
    return tuple(dict.fromkeys(words))


def _texts(value: Any) -> tuple[str, ...]:
    """A list of texts that is not empty and has none twice."""
    if not isinstance(value, list) or not value or not all(isinstance(text, str) for text in value):
        raise ValueError("must be a list of texts in quotes, with at least one")
    if len(set(value)) < len(value):
        raise ValueError("has something twice")
    return tuple(value)
