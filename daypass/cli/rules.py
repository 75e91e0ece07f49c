"""`daypass rules ...`: check the rules file, and explain which rule decides about a page."""

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec

import click

from daypass.accounts import queries
from daypass.cli.command_context import current_db, current_runtime
from daypass.cli.database_command import on_database
from daypass.errors import AmbiguousTarget
from daypass.net import request_target
from daypass.rules import explanation
from daypass.rules.account_access import describe_outcome
from daypass.rules.errors import InvalidRules
from daypass.rules.model import Decision, Rules

P = ParamSpec("P")
TITLES = ("rule", "line", "host", "path", "methods", "who may see it")

group = click.Group("rules", help="Check the rules, and explain which one decides.")


def on_rules(command: Callable[P, None]) -> Callable[P, None]:
    """Decorate a command that needs the rules: if they have errors, print these, one per line, and exit with 1."""

    @wraps(command)
    def wrapped(*args: P.args, **kwargs: P.kwargs) -> None:
        if current_runtime().rules.path is None:
            raise click.ClickException("There are no rules: DAYPASS_RULES is not set.")
        try:
            command(*args, **kwargs)
        except InvalidRules as error:
            for message in error.messages:
                click.echo(message, err=True)
            raise click.exceptions.Exit(1) from None

    return wrapped


@group.command("check")
@on_rules
def check() -> None:
    """Print the rules as a table, or the errors in the file."""
    rules = current_runtime().rules.load()
    for line in _table(rules):
        click.echo(line)
    for number, message in explanation.warnings(rules):
        click.echo(f"Warning, line {number}: {message}", err=True)


def _table(rules: Rules) -> list[str]:
    """The rules as a table, with the defaults for requests that no rule matches."""
    rows = [TITLES]
    for number, rule in enumerate(rules.rules, 1):
        scope = (", ".join(rule.hosts), rule.path.text, ", ".join(rule.methods) or "all")
        rows.append((str(number), str(rule.line), *scope, explanation.describe_access(rule)))
    rows.append(("-", "-", "these hosts", "all else", "all", "everybody who is signed in"))
    rows.append(("-", "-", "all other hosts", "all", "all", "nobody"))
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]


@group.command("explain")
@click.argument("url")
@click.option("--method", default="GET", show_default=True, help="The method of the request.")
@click.option("--as", "name", metavar="NAME", help="Say whether this account may see the page.")
@on_rules
def explain(url: str, method: str, name: str | None) -> None:
    """Explain which rule decides about URL and why, and who may see the page."""
    rules = current_runtime().rules.load()
    try:
        found = explanation.explain(rules, request_target.from_typed_url(url, method))
    except AmbiguousTarget as error:
        raise click.ClickException(f"This is refused for everybody: {error.reason}.") from None
    click.echo(f"Request: {found.target.method} {found.target.path} on {found.target.host}")
    for rule, reason in found.skipped:
        click.echo(f"Rule {rules.number(rule)}, line {rule.line}, does not match: {reason}.")
    click.echo(found.reason)
    click.echo(f"Who may see it: {found.decision.allow}.")
    click.echo(explanation.describe_api_tokens(found.decision))
    if name is not None:
        click.echo(_describe_outcome(found.decision, name))


@on_database
def _describe_outcome(decision: Decision, name: str) -> str:
    return describe_outcome(decision, queries.find(current_db(), name))
