"""The rules in force, for pages that show them."""

from daypass.errors import ServiceUnavailable
from daypass.rules.model import NO_RULES, Rules
from daypass.web.context import current_runtime


def rules_in_force() -> Rules:
    """The rules; none while the file is invalid and there were no rules before."""
    try:
        return current_runtime().rules.rules
    except ServiceUnavailable:
        return NO_RULES
