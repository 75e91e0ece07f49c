"""Why rules decide as they do, in words: for the terminal and for the admins' page."""

from dataclasses import dataclass

from daypass.net.request_target import RequestTarget
from daypass.rules.model import NOBODY, Decision, Rule, Rules, shadowed

MISMATCHES = {"host": "it is for another host", "path": "its path is another", "method": "it is for other methods"}


@dataclass(frozen=True)
class Explanation:
    """A decision, why it was made, and the rules that were passed over before it, each with the reason."""

    asked: RequestTarget
    decision: Decision
    because: str
    passed_over: tuple[tuple[Rule, str], ...]


def explain(rules: Rules, asked: RequestTarget) -> Explanation:
    """What decides about a location, and why."""
    decision = rules.decide(asked)
    passed_over = tuple((rule, MISMATCHES[misfit]) for rule, misfit in rules.passed_over(asked))
    return Explanation(asked, decision, _because(rules, decision, asked), passed_over)


def _because(rules: Rules, decision: Decision, asked: RequestTarget) -> str:
    if decision.rule is not None:
        return f"Rule {rules.number(decision.rule)} decides, the first that fits."
    if decision.who == NOBODY:
        return f"No rule names the host {asked.host}, so it is refused."
    return f"No rule fits, and the host {asked.host} is named, so it is enough to be signed in."


def describe_access(rule: Rule) -> str:
    """Who may see what a rule fits, in a few words, and whether API tokens of theirs open it."""
    return f"{rule.who}, API tokens too" if rule.api_tokens else str(rule.who)


def describe_api_tokens(decision: Decision) -> str:
    """Whether API tokens open what was asked for, as a sentence."""
    if decision.who.public or decision.who == NOBODY:
        return "API tokens make no difference."
    if decision.api_tokens:
        return "Their API tokens open it too, if they are for this host."
    return "Their API tokens do not open it: only a rule with programs = true lets them."


def warnings(rules: Rules) -> list[tuple[int, str]]:
    """What is allowed in the file and hardly meant: the line, and a sentence."""
    return [(rule.line, _shadow(rules, rule, earlier)) for rule, earlier in shadowed(rules)]


def _shadow(rules: Rules, rule: Rule, earlier: list[Rule]) -> str:
    by = " and ".join(f"rule {rules.number(one)} in line {one.line}" for one in earlier)
    return f"Rule {rules.number(rule)} can never decide: what it fits is decided by {by}."
