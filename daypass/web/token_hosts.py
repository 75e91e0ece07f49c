"""The hosts that the form for API tokens offers, and those that were chosen."""

from daypass.sessions import scopes
from daypass.web.context import current_runtime
from daypass.web.forms import ApiTokenForm
from daypass.web.return_to import protected_hosts


def available_hosts() -> list[str]:
    """Daypass's own host, then those that the rules name."""
    runtime = current_runtime()
    return scopes.available(protected_hosts(runtime), runtime.settings)


def chosen_hosts(form: ApiTokenForm) -> list[str]:
    """The chosen hosts, each once.

    Sets the errors of the field if the choice is invalid. If Daypass's own host is the only one available, the form has
    no such field.
    """
    available = available_hosts()
    chosen = form.hosts.data or (available if len(available) == 1 else [])
    if not chosen or not set(chosen) <= set(available):
        form.hosts.errors = ["Select at least one of these hosts."]
    elif sum(map(len, chosen)) > scopes.MAX_HOSTS_LENGTH:
        form.hosts.errors = ["Too many hosts for one token. Select fewer, and create another token for the rest."]
    return [host for host in available if host in chosen]
