"""The rules: what is broken in them, what can never decide, and whom they name that is not there."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from itertools import combinations

from daypass.doctor.finding import Finding, Findings, listed
from daypass.rules import explanation
from daypass.rules.errors import InvalidRules
from daypass.rules.model import SIGNED_IN, Rule, Rules


@dataclass(frozen=True)
class People:
    """The names that accounts have, and the roles that some of them have."""

    names: Collection[str]
    roles: Collection[str]


def broken(error: InvalidRules) -> Findings:
    """All that is wrong in a file that cannot be used."""
    for told in error.messages:
        yield Finding(f"{told}.", "Correct this line; `flask rules check` tells when all is well.")


def check_order(rules: Rules) -> Findings:
    """Rules that can never decide, and paths that only some servers tell apart."""
    for line, told in explanation.warnings(rules):
        yield Finding(told, f"Put the rule in line {line} before those, or take it away: the first that fits decides.")
    for one, other in combinations(rules.rules, 2):
        if _differ_in_case(one, other):
            yield Finding(
                f"The paths in lines {one.line} and {other.line} differ by the case of letters alone, and rules are "
                "held to it, while some servers take both for one page.",
                "If the server behind the proxy is one of them, let both rules say the same.",
                wrong=False,
            )


def _differ_in_case(one: Rule, other: Rule) -> bool:
    texts = one.path.text, other.path.text
    alike = texts[0] != texts[1] and texts[0].casefold() == texts[1].casefold()
    differ = (one.allow, one.api_tokens) != (other.allow, other.api_tokens)
    return alike and not set(one.hosts).isdisjoint(other.hosts) and differ


def check_sign_up(rules: Rules, has_site: bool, signup: bool) -> Findings:
    """Being signed in says little where anybody can make an account."""
    if signup and (has_site or any(rule.allow == SIGNED_IN for rule in rules.rules)):
        what = "The folder of DAYPASS_SITE is" if has_site else 'Pages with allow = "signed-in" are'
        yield Finding(
            f"{what} for whoever is signed in, and DAYPASS_SIGNUP is open, so for whoever makes an account.",
            "Set DAYPASS_SIGNUP to closed, unless that is meant.",
            wrong=False,
        )


def check_people(rules: Rules, people: People, signup: bool) -> Findings:
    """Accounts and roles that the rules name and nobody has."""
    for name, lines in _missing(rules, people.names, "names"):
        told = f"The rules name {name} in {lines}, and there is no such account"
        if signup:
            yield Finding(
                f"{told}: DAYPASS_SIGNUP is open, so whoever takes the name is let in.",
                f"Run `flask user add {name}`, or take the name away.",
            )
        else:
            yield Finding(f"{told}.", f"Run `flask user add {name}`, or take the name away.", wrong=False)
    for role, lines in _missing(rules, people.roles, "roles"):
        yield Finding(
            f"The rules ask for the role {role} in {lines}, and nobody has it.",
            f"Give it with `flask user roles NAME {role}`, naming the roles that NAME has already too; or correct its "
            "spelling.",
            wrong=False,
        )


def _missing(rules: Rules, there: Collection[str], kind: str) -> Iterable[tuple[str, str]]:
    """Each word of this kind that is not there, with the lines of the rules that have it."""
    found: dict[str, list[str]] = {}
    for rule in rules.rules:
        for word in getattr(rule.allow, kind):
            if word not in there:
                found.setdefault(word, []).append(str(rule.line))
    for word, lines in found.items():
        yield word, f"{'line' if len(lines) == 1 else 'lines'} {listed(lines)}"
