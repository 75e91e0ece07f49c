"""`flask rules ...`: check the rules file, and ask which rule decides about a page."""

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec

import click
from flask.cli import AppGroup

from daypass.accounts import queries
from daypass.cli.database_command import on_database
from daypass.database.models import Account
from daypass.errors import AmbiguousTarget
from daypass.net import request_target
from daypass.rules import explanation
from daypass.rules.errors import InvalidRules
from daypass.rules.model import Decision, Outcome, Rules
from daypass.web.context import current_db, current_runtime

P = ParamSpec("P")
TITLES = ("rule", "line", "host", "path", "methods", "who may see it")

group = AppGroup("rules", help="Check the rules, and ask which one decides.")


def on_rules(command: Callable[P, None]) -> Callable[P, None]:
    """Run a command where there is a rules file that can be used; else its errors are told, one a line."""

    @wraps(command)
    def wrapped(*args: P.args, **kwargs: P.kwargs) -> None:
        if current_runtime().rules.path is None:
            raise click.ClickException("There are no rules: DAYPASS_RULES names no file.")
        try:
            command(*args, **kwargs)
        except InvalidRules as error:
            for line in error.told:
                click.echo(line, err=True)
            raise click.exceptions.Exit(1) from None

    return wrapped


@group.command("check")
@on_rules
def check() -> None:
    """Print the rules as a table, or what is wrong with them."""
    rules = current_runtime().rules.load()
    for line in _table(rules):
        click.echo(line)
    for number, message in explanation.warnings(rules):
        click.echo(f"Warning, line {number}: {message}", err=True)


def _table(rules: Rules) -> list[str]:
    """The rules in columns, and what holds where none fits."""
    rows = [TITLES]
    for number, rule in enumerate(rules.rules, 1):
        about = (", ".join(rule.hosts), rule.path.text, ", ".join(rule.methods) or "all")
        rows.append((str(number), str(rule.line), *about, explanation.describe_access(rule)))
    rows.append(("-", "-", "of these hosts", "all else", "all", "everybody signed in"))
    rows.append(("-", "-", "all others", "all", "all", "nobody"))
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]


@group.command("explain")
@click.argument("url")
@click.option("--method", default="GET", show_default=True, help="The method of the request.")
@click.option("--as", "name", metavar="NAME", help="Say whether this account may see it.")
@on_rules
def explain(url: str, method: str, name: str | None) -> None:
    """Say which rule decides about URL and why, and who may see it."""
    rules = current_runtime().rules.load()
    try:
        found = explanation.explain(rules, request_target.from_typed_url(url, method))
    except AmbiguousTarget as error:
        raise click.ClickException(f"This is refused for everybody: {error.reason}.") from None
    click.echo(f"Asked for: {found.asked.method} {found.asked.path} on {found.asked.host}")
    for rule, why in found.passed_over:
        click.echo(f"Rule {rules.number(rule)}, line {rule.line}, does not fit: {why}.")
    click.echo(found.because)
    click.echo(f"Who may see it: {found.decision.who}.")
    click.echo(explanation.describe_api_tokens(found.decision))
    if name is not None:
        click.echo(_answer(found.decision, name))


@on_database
def _answer(decision: Decision, name: str) -> str:
    account = queries.find(current_db(), name)
    if account.disabled_at is not None and not decision.who.public:
        return f"{account.name} may not see it: the account is disabled."
    answer = decision.answer(account)
    return f"{account.name} {answer.value}: {_reason(decision, account, answer)}."


def _reason(decision: Decision, account: Account, answer: Outcome) -> str:
    if answer is Outcome.REFUSED:
        return "nobody may"
    if decision.who.public or decision.who.signed_in:
        return "everybody may" if decision.who.public else "whoever is signed in may"
    if account.name in decision.who.names:
        return "the rule names this account"
    roles = ", ".join(account.roles) or "none"
    return f"its roles are {roles}"
