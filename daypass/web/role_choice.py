"""The roles that administrators choose in forms: of those that exist, and a new one."""

from typing import TypeVar

from daypass.accounts import roles
from daypass.accounts.errors import InvalidRole
from daypass.web.context import current_db, current_runtime
from daypass.web.forms import RolesForm
from daypass.web.known_roles import known_roles, roles_in_rules
from daypass.web.rules_in_force import rules_in_force

NOT_OFFERED = "One of the roles does not exist any more."  # a page that is out of date, or no browser, sends it

F = TypeVar("F", bound=RolesForm)


def with_roles(form: F) -> F:
    """The form, which offers the roles that exist."""
    form.roles.choices = known_roles(current_db(), rules_in_force(current_runtime().rules))  # type: ignore[assignment]  # the stubs want pairs
    return form


def read_roles(form: RolesForm) -> list[str] | None:
    """The roles that were selected, and the new one; None if one of them is wrong, which has an error."""
    form.validate()
    if form.roles.errors:
        form.roles.errors = [NOT_OFFERED]
        return None
    new = new_role(form)
    try:
        return [*(form.roles.data or ()), *([roles.check_role(new)] if new else [])]
    except InvalidRole as error:
        form.new_role.errors = [error.message]
        return None


def new_role(form: RolesForm) -> str:
    """The new role as it was typed; empty if there is none."""
    return (form.new_role.data or "").strip()


def note_on_new_role(form: RolesForm) -> str | None:
    """A sentence if the new role is really new, because it may be a typing mistake. Call it before the act."""
    role, rules = new_role(form), rules_in_force(current_runtime().rules)
    if not role or role in roles_in_rules(rules) or roles.is_in_use(current_db(), role):
        return None
    return f"No rule and no other account has the role {role}."
