"""Explain in a sentence whether an account may see a page, for the terminal and the administrators' page."""

from daypass.accounts.status import why_inactive
from daypass.database.models import Account
from daypass.rules.model import Decision, Outcome


def describe_outcome(decision: Decision, account: Account) -> str:
    """What a decision means for this account, and why."""
    inactive = why_inactive(account)
    if inactive and not decision.allow.public:
        return f"{account.name} may not see it: the account is {inactive}."
    outcome = decision.outcome(account)
    return f"{account.name} {outcome.value}: {_reason(decision, account, outcome)}."


def _reason(decision: Decision, account: Account, outcome: Outcome) -> str:
    if outcome is Outcome.REFUSED:
        return "no rule names this host"
    if decision.allow.public or decision.allow.signed_in:
        return "the page is public" if decision.allow.public else "everybody who is signed in may"
    if account.name in decision.allow.names:
        return "the rule names this account"
    if not account.roles:
        return f"{account.name} has no roles"
    return f"{account.name} has the {'role' if len(account.roles) == 1 else 'roles'} {', '.join(account.roles)}"
