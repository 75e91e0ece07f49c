"""The rules in force, for pages that show them."""

from daypass.errors import ServiceUnavailable
from daypass.rules.loader import RulesLoader
from daypass.rules.model import NO_RULES, Rules


def rules_in_force(loader: RulesLoader) -> Rules:
    """The rules; none while the file is invalid and there were no rules before."""
    try:
        return loader.rules
    except ServiceUnavailable:
        return NO_RULES
