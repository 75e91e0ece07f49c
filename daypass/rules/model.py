"""Who may see which page: rules, of which the first that fits decides."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum
from functools import cached_property
from typing import Protocol

from daypass.net.request_target import RequestTarget
from daypass.rules.patterns import Pattern


class Identity(Protocol):
    """Somebody signed in: a token's claims, or an account."""

    @property
    def name(self) -> str: ...
    @property
    def roles(self) -> Collection[str]: ...


class Outcome(Enum):
    """What somebody is told at the door."""

    ALLOWED = "may see it"
    SIGN_IN = "has to sign in first"
    ROLE_MISSING = "may not see it"
    REFUSED = "is refused, like everybody"


@dataclass(frozen=True)
class AllowList:
    """Those who may see a page: everybody, whoever is signed in, or those who have one of the roles or names."""

    public: bool = False
    signed_in: bool = False
    roles: tuple[str, ...] = ()
    names: tuple[str, ...] = ()

    def includes(self, visitor: Identity | None) -> bool:
        """Whether somebody is meant; None is somebody who is not signed in."""
        if visitor is None:
            return self.public
        named = visitor.name in self.names or not set(self.roles).isdisjoint(visitor.roles)
        return self.public or self.signed_in or named

    def __str__(self) -> str:
        if self.public or self.signed_in:
            return "everybody" if self.public else "everybody signed in"
        roles = [f"role {role}" for role in self.roles]
        return " or ".join([*roles, *self.names]) or "nobody"


PUBLIC, SIGNED_IN, NOBODY = AllowList(public=True), AllowList(signed_in=True), AllowList()


@dataclass(frozen=True)
class Rule:
    """One rule, and the line in which it begins. No methods means all; GET means HEAD too.

    api_tokens: whether API tokens of those who may see the page open it too.
    """

    hosts: tuple[str, ...]
    path: Pattern
    methods: tuple[str, ...]
    who: AllowList
    line: int = 0
    api_tokens: bool = False

    def misfit(self, asked: RequestTarget) -> str | None:
        """What about a location this rule does not fit: `host`, `path` or `method`; None where it fits."""
        if asked.host not in self.hosts:
            return "host"
        if not self.path.matches(asked.segments):
            return "path"
        return None if self.takes(asked.method) else "method"

    def takes(self, method: str) -> bool:
        """Whether it is about this method."""
        return not self.methods or method in self.methods or (method == "HEAD" and "GET" in self.methods)


@dataclass(frozen=True)
class Decision:
    """Who may see what was asked for, and the rule that says so; without one, what holds where no rule fits."""

    who: AllowList
    rule: Rule | None = None
    api_tokens: bool = False  # whether API tokens of those who may see it open it too

    def answer(self, visitor: Identity | None) -> Outcome:
        """What this visitor is told; None is somebody who is not signed in."""
        if self.who.includes(visitor):
            return Outcome.ALLOWED
        if self.who == NOBODY:
            return Outcome.REFUSED
        return Outcome.SIGN_IN if visitor is None else Outcome.ROLE_MISSING


@dataclass(frozen=True)
class Rules:
    """All rules, in order; for each host that they name, the port that stands with it, if one does."""

    rules: tuple[Rule, ...] = ()
    hosts: Mapping[str, int | None] = field(default_factory=dict)

    def decide(self, asked: RequestTarget) -> Decision:
        """The first rule that fits decides. None fits: whoever is signed in, and nobody on a host that is not named."""
        for rule in self._of_host.get(asked.host, ()):
            if rule.misfit(asked) is None:
                return Decision(rule.who, rule, rule.api_tokens)
        return Decision(SIGNED_IN if asked.host in self.hosts else NOBODY)

    def passed_over(self, asked: RequestTarget) -> Iterator[tuple[Rule, str]]:
        """The rules before the one that decides, each with what it does not fit."""
        for rule in self.rules:
            misfit = rule.misfit(asked)
            if misfit is None:
                return
            yield rule, misfit

    def number(self, rule: Rule) -> int:
        """The place of a rule among them, counted from 1."""
        return self.rules.index(rule) + 1

    @cached_property
    def _of_host(self) -> dict[str, list[Rule]]:
        return {host: [rule for rule in self.rules if host in rule.hosts] for host in self.hosts}

    def __len__(self) -> int:
        return len(self.rules)


NO_RULES = Rules()


def shadowed(rules: Rules) -> list[tuple[Rule, list[Rule]]]:
    """The rules that can never decide, each with the earlier ones that fit whatever it fits."""
    found = []
    for number, rule in enumerate(rules.rules):
        before = [_shadow(rule, host, rules.rules[:number]) for host in rule.hosts]
        by = list(dict.fromkeys(earlier for earlier in before if earlier is not None))
        if None not in before:
            found.append((rule, by))
    return found


def _shadow(rule: Rule, host: str, before: tuple[Rule, ...]) -> Rule | None:
    """The first of the earlier rules that fits all on this host that a rule fits."""
    return next((earlier for earlier in before if host in earlier.hosts and _fits_all(earlier, rule)), None)


def _fits_all(earlier: Rule, rule: Rule) -> bool:
    methods = not earlier.methods or (rule.methods and all(map(earlier.takes, rule.methods)))
    return bool(methods) and earlier.path.covers(rule.path)
