"""Check the rules: errors, rules that can never decide, and accounts or roles that do not exist."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from itertools import combinations

from daypass.doctor.finding import Finding, Findings, join_names
from daypass.rules import explanation
from daypass.rules.errors import InvalidRules
from daypass.rules.model import SIGNED_IN, Rule, Rules
from daypass.settings.sign_up import SignUp

TAKERS = {
    SignUp.OPEN: "anybody",
    SignUp.INVITE: "anybody whom a member invites",
    SignUp.APPROVE: "anybody whom an administrator approves",
}  # who can choose a name that is not taken


@dataclass(frozen=True)
class Accounts:
    """The names of all accounts, and every role that at least one of them has."""

    names: Collection[str]
    roles: Collection[str]


def invalid(error: InvalidRules) -> Findings:
    """One finding for each error in a rules file."""
    for message in error.messages:
        yield Finding(f"{message}.", "Correct this line, then run `daypass rules check`.")


def check_order(rules: Rules) -> Findings:
    """Check for rules that can never decide, and for paths that some servers treat as the same."""
    for line, message in explanation.warnings(rules):
        remedy = f"Move the rule in line {line} up, or remove it: the first rule that matches decides."
        yield Finding(message, remedy)
    for one, other in combinations(rules.rules, 2):
        if _differ_in_case(one, other):
            yield Finding(
                f"The paths in lines {one.line} and {other.line} differ only in upper and lower case. Rules "
                "distinguish them, but some servers serve the same page for both.",
                "If your server is one of them, give both rules the same allow and programs.",
                is_problem=False,
            )


def _differ_in_case(one: Rule, other: Rule) -> bool:
    texts = one.path.text, other.path.text
    alike = texts[0] != texts[1] and texts[0].casefold() == texts[1].casefold()
    differ = (one.allow, one.api_tokens) != (other.allow, other.api_tokens)
    return alike and not set(one.hosts).isdisjoint(other.hosts) and differ


def check_sign_up(rules: Rules, has_site: bool, signup: SignUp) -> Findings:
    """Check that sign-up is not open if every account has access."""
    if signup is SignUp.OPEN and (has_site or any(rule.allow == SIGNED_IN for rule in rules.rules)):
        pages = "The pages in DAYPASS_SITE" if has_site else 'Pages with allow = "signed-in"'
        yield Finding(
            f"{pages} are for everybody who is signed in, and DAYPASS_SIGNUP is open: anybody can create an account.",
            "Set DAYPASS_SIGNUP to closed, unless this is intended.",
            is_problem=False,
        )


def check_accounts(rules: Rules, accounts: Accounts, signup: SignUp) -> Findings:
    """Check that every account in the rules exists, and that some account has each role."""
    for name, lines in _missing(rules, accounts.names, "names"):
        message = f"The rules name {name} in {lines}, but there is no such account"
        if signup is not SignUp.CLOSED:
            yield Finding(
                f"{message}. DAYPASS_SIGNUP is {signup}, so {TAKERS[signup]} can take the name and get access.",
                f"Run `daypass user add {name}`, or remove the name.",
            )
        else:
            yield Finding(f"{message}.", f"Run `daypass user add {name}`, or remove the name.", is_problem=False)
    for role, lines in _missing(rules, accounts.roles, "roles"):
        yield Finding(
            f"The rules name the role {role} in {lines}, but no account has it.",
            f"Run `daypass user roles NAME {role}`, adding the roles that NAME should keep, or correct the "
            "spelling in the rules.",
            is_problem=False,
        )


def _missing(rules: Rules, existing: Collection[str], kind: str) -> Iterable[tuple[str, str]]:
    """Each name or role in the rules that does not exist, with the lines that contain it."""
    found: dict[str, list[str]] = {}
    for rule in rules.rules:
        for name in getattr(rule.allow, kind):
            if name not in existing:
                found.setdefault(name, []).append(str(rule.line))
    for name, lines in found.items():
        yield name, f"{'line' if len(lines) == 1 else 'lines'} {join_names(lines)}"
