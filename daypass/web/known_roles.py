"""The roles to choose from in forms."""

from sqlalchemy.orm import Session

from daypass.accounts import accounts, roles
from daypass.rules.model import Rules


def known_roles(db: Session, rules: Rules) -> list[str]:
    """The roles that accounts have or rules name, and that of administrators, sorted."""
    in_rules = {role for rule in rules.rules for role in rule.allow.roles}
    return sorted({accounts.ADMIN, *in_rules, *roles.in_use(db)})
