"""The roles to choose from in forms."""

from sqlalchemy.orm import Session

from daypass.accounts import roles
from daypass.accounts.administrators import ADMIN_ROLE
from daypass.rules.model import Rules


def known_roles(db: Session, rules: Rules) -> list[str]:
    """The roles that accounts have or rules name, and that of administrators, sorted."""
    return sorted({*roles_in_rules(rules), *roles.in_use(db)})


def roles_in_rules(rules: Rules) -> set[str]:
    """The roles that rules name, and that of administrators, which Daypass's own pages need."""
    return {ADMIN_ROLE, *(role for rule in rules.rules for role in rule.allow.roles)}
