"""Explain in words which rule decides and why, for the terminal and the administrators' page."""

from dataclasses import dataclass

from daypass.net.request_target import RequestTarget
from daypass.rules.model import NOBODY, Decision, Rule, Rules, shadowed

MISMATCHES = {"host": "it is for another host", "path": "it is for another path", "method": "it is for other methods"}


@dataclass(frozen=True)
class Explanation:
    """A decision, the reason for it, and the earlier rules that did not match, each with the reason."""

    target: RequestTarget
    decision: Decision
    reason: str
    skipped: tuple[tuple[Rule, str], ...]


def explain(rules: Rules, target: RequestTarget) -> Explanation:
    """Explain which rule decides about a request, and why."""
    decision = rules.decide(target)
    skipped = tuple((rule, MISMATCHES[mismatch]) for rule, mismatch in rules.skipped(target))
    return Explanation(target, decision, _reason(rules, decision, target), skipped)


def _reason(rules: Rules, decision: Decision, target: RequestTarget) -> str:
    if decision.rule is not None:
        return f"Rule {rules.number(decision.rule)} decides: it is the first rule that matches."
    if decision.allow == NOBODY:
        return f"No rule names the host {target.host}, so the request is refused."
    return f"No rule matches, but a rule names the host {target.host}, so everybody who is signed in has access."


def describe_access(rule: Rule) -> str:
    """Who a rule gives access to, in a few words, and whether their API tokens have access too."""
    return f"{rule.allow}, API tokens too" if rule.api_tokens else str(rule.allow)


def describe_api_tokens(decision: Decision) -> str:
    """Say in a sentence whether API tokens have access."""
    if decision.allow.public or decision.allow == NOBODY:
        return "API tokens make no difference."
    if decision.api_tokens:
        return "Their API tokens have access too, if they are valid for this host."
    return "Their API tokens have no access: that needs a rule with programs = true."


def warnings(rules: Rules) -> list[tuple[int, str]]:
    """Warnings about rules that are valid but probably not intended, each with its line number."""
    return [(rule.line, _shadow(rules, rule, earlier)) for rule, earlier in shadowed(rules)]


def _shadow(rules: Rules, rule: Rule, earlier: list[Rule]) -> str:
    by = " and ".join(f"rule {rules.number(one)} in line {one.line}" for one in earlier)
    return f"Rule {rules.number(rule)} can never decide: everything that it matches is decided by {by}."
