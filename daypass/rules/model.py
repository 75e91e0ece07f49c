"""Rules for who may see which page. The first rule that matches decides."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Protocol

from daypass.net.request_target import RequestTarget
from daypass.rules.labels import NO_LABEL, Label
from daypass.rules.patterns import Pattern

if TYPE_CHECKING:
    from functools import _lru_cache_wrapper

MAX_DECISIONS = 1024  # that one version of the rules remembers


class Identity(Protocol):
    """A signed-in visitor: the claims of a token, or an account."""

    @property
    def name(self) -> str: ...
    @property
    def roles(self) -> Collection[str]: ...


class Outcome(Enum):
    """What a decision means for a visitor; the value follows the visitor's name in a sentence."""

    ALLOWED = "may see it"
    SIGN_IN = "has to sign in first"
    ROLE_MISSING = "may not see it"
    REFUSED = "is refused, like everybody else"


@dataclass(frozen=True)
class AllowList:
    """Who may see a page: everybody, everybody who is signed in, or accounts with one of the roles or names."""

    public: bool = False
    signed_in: bool = False
    roles: tuple[str, ...] = ()
    names: tuple[str, ...] = ()

    def includes(self, visitor: Identity | None) -> bool:
        """Whether the visitor may see the page; None is a visitor who is not signed in."""
        if visitor is None or self.public:
            return self.public
        return self.signed_in or visitor.name in self.names or not set(self.roles).isdisjoint(visitor.roles)

    def __str__(self) -> str:
        if self.public or self.signed_in:
            return "everybody" if self.public else "everybody who is signed in"
        roles = [f"role {role}" for role in self.roles]
        return " or ".join([*roles, *self.names]) or "nobody"


PUBLIC, SIGNED_IN, NOBODY = AllowList(public=True), AllowList(signed_in=True), AllowList()


@dataclass(frozen=True)
class Rule:
    """One rule of the file. No methods means all methods; GET includes HEAD.

    allow: who may see the pages that the rule matches. line: where the rule begins in the file. api_tokens: whether
    the API tokens of these accounts have access too. label: how its pages are shown to those who may open them.
    """

    hosts: tuple[str, ...]
    path: Pattern
    methods: tuple[str, ...]
    allow: AllowList
    line: int = 0
    api_tokens: bool = False
    label: Label = NO_LABEL

    def mismatch(self, target: RequestTarget) -> str | None:
        """What does not match the request: `host`, `path` or `method`; None if the rule matches."""
        if target.host not in self.hosts:
            return "host"
        if not self.path.matches(target.segments):
            return "path"
        return None if self.matches_method(target.method) else "method"

    def matches_method(self, method: str) -> bool:
        """Whether the rule applies to this method."""
        return not self.methods or method in self.methods or (method == "HEAD" and "GET" in self.methods)


@dataclass(frozen=True)
class Decision:
    """Who may see a page, and the rule that decided; without a rule, it is the default for the host."""

    allow: AllowList
    rule: Rule | None = None
    api_tokens: bool = False  # whether the API tokens of these accounts have access too

    def outcome(self, visitor: Identity | None) -> Outcome:
        """What the decision means for this visitor; None is a visitor who is not signed in."""
        if self.allow.includes(visitor):
            return Outcome.ALLOWED
        if self.allow == NOBODY:
            return Outcome.REFUSED
        return Outcome.SIGN_IN if visitor is None else Outcome.ROLE_MISSING


@dataclass(frozen=True)
class Rules:
    """All rules, in order. hosts: every host that they name, with its port if one is given."""

    rules: tuple[Rule, ...] = ()
    hosts: Mapping[str, int | None] = field(default_factory=dict)

    def decide(self, target: RequestTarget) -> Decision:
        """Return the decision of the first rule that matches.

        If no rule matches, everybody who is signed in has access to a host that a rule names, and nobody to others.
        """
        return self._decisions(target)

    def title(self, target: RequestTarget) -> str:
        """The title of the rule that decides about the target; empty if it has none."""
        rule = self.decide(target).rule
        return rule.label.title if rule else ""

    @cached_property
    def _decisions(self) -> "_lru_cache_wrapper[Decision]":
        return lru_cache(MAX_DECISIONS)(self._decide)

    def _decide(self, target: RequestTarget) -> Decision:
        for rule in self._candidates(target):
            if rule.mismatch(target) is None:
                return Decision(rule.allow, rule, rule.api_tokens)
        return Decision(SIGNED_IN if target.host in self.hosts else NOBODY)

    def skipped(self, target: RequestTarget) -> Iterator[tuple[Rule, str]]:
        """The rules before the one that decides, each with what does not match."""
        for rule in self.rules:
            mismatch = rule.mismatch(target)
            if mismatch is None:
                return
            yield rule, mismatch

    def number(self, rule: Rule) -> int:
        """The position of a rule, counted from 1."""
        return self.rules.index(rule) + 1

    def _candidates(self, target: RequestTarget) -> Iterator[Rule]:
        """The rules, in order, that can match this host and the first segment of this path."""
        positions = [*self._index.get((target.host, None), ())]
        for segment in target.segments[:1]:
            positions += self._index.get((target.host, segment), ())
        return (self.rules[position] for position in sorted(positions))

    @cached_property
    def _index(self) -> dict[tuple[str, str | None], list[int]]:
        """The positions of the rules, by host and by the first segment of their pattern; None if that is a wildcard."""
        index: dict[tuple[str, str | None], list[int]] = {}
        for position, rule in enumerate(self.rules):
            for host in rule.hosts:
                index.setdefault((host, rule.path.first_literal), []).append(position)
        return index

    def __len__(self) -> int:
        return len(self.rules)


NO_RULES = Rules()


def shadowed(rules: Rules) -> list[tuple[Rule, list[Rule]]]:
    """The rules that can never decide, each with the earlier rules that match everything that it matches."""
    found = []
    for number, rule in enumerate(rules.rules):
        before = [_shadow(rule, host, rules.rules[:number]) for host in rule.hosts]
        by = list(dict.fromkeys(earlier for earlier in before if earlier is not None))
        if None not in before:
            found.append((rule, by))
    return found


def _shadow(rule: Rule, host: str, before: tuple[Rule, ...]) -> Rule | None:
    """The first earlier rule that matches everything that this rule matches on this host."""
    return next((earlier for earlier in before if host in earlier.hosts and _covers(earlier, rule)), None)


def _covers(earlier: Rule, rule: Rule) -> bool:
    methods = not earlier.methods or (rule.methods and all(map(earlier.matches_method, rule.methods)))
    return bool(methods) and earlier.path.covers(rule.path)
