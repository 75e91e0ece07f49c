"""The pages to which the rules give somebody access, each with an address to link to."""

from dataclasses import dataclass

from daypass.net.request_target import RequestTarget
from daypass.rules.labels import Label
from daypass.rules.model import Identity, Rule, Rules


@dataclass(frozen=True)
class RulePage:
    """An address that somebody may open, and the label of the rule that names it."""

    host: str
    path: str
    label: Label


def pages_for(rules: Rules, visitor: Identity) -> list[RulePage]:
    """The pages that a visitor may open, at most one for each address, in the order of the rules.

    A pattern with wildcards is listed by the folder that it begins with. The rules may say something else about that
    folder, so both the rule and the decision about the address must include the visitor.
    """
    found: dict[RequestTarget, RulePage] = {}
    for rule in rules.rules:
        if rule.allow.includes(visitor) and rule.matches_method("GET"):
            for target in _targets(rule):
                decision = rules.decide(target)
                names_it = decision.rule is rule or (rule.label.title and target not in found)
                if names_it and decision.allow.includes(visitor):
                    found[target] = RulePage(target.host, target.path, rule.label)
    return list(found.values())


def _targets(rule: Rule) -> list[RequestTarget]:
    return [RequestTarget(host, rule.path.fixed_path) for host in rule.hosts]
