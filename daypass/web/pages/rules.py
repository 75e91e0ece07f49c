"""The rules page for administrators: the rules, who may see which page, and why somebody may not."""

from dataclasses import dataclass

from flask import Blueprint, request

from daypass.accounts import accounts, queries
from daypass.accounts.active_names import first_active_names
from daypass.accounts.errors import InvalidName, NoSuchAccount
from daypass.database.models import Account
from daypass.errors import AmbiguousTarget
from daypass.net import request_target
from daypass.rules import explanation
from daypass.rules.account_access import describe_outcome
from daypass.rules.explanation import Explanation
from daypass.rules.model import Rules
from daypass.web.context import current_db, current_runtime
from daypass.web.forms import ExplainForm
from daypass.web.gate import token_required
from daypass.web.rendering import render_page
from daypass.web.rules_in_force import rules_in_force
from daypass.web.static_site.access import site_host

MAX_NAMES = 40  # listed on the page

pages = Blueprint("rules", __name__, url_prefix="/admin/rules")


@dataclass(frozen=True)
class Answer:
    """Who may see a page: the deciding rule, API tokens, and accounts.

    api_tokens: a sentence. names: the first MAX_NAMES accounts that may see it. has_more: whether there are others.
    account: the one that the form asks about, and outcome: a sentence about it.
    """

    explanation: Explanation
    api_tokens: str
    names: list[str]
    has_more: bool
    account: Account | None
    outcome: str


@pages.get("", endpoint="rules")
@token_required(role=accounts.ADMIN)
def show() -> str:
    """Show the rules in force, who may see the page in the form, and whether the account in it may."""
    form, runtime = ExplainForm(request.args), current_runtime()
    loader, in_force = runtime.rules, rules_in_force(runtime.rules)
    return render_page(
        "daypass/pages/rules.html",
        path=loader.path,
        folder=runtime.settings.site,
        example_host=site_host(runtime.settings, in_force) if runtime.settings.site else "docs.example.org",
        broken=loader.broken,
        rules=in_force,
        admitted=explanation.describe_access,
        warnings=explanation.warnings(in_force),
        form=form,
        answer=_answer(form, in_force) if form.url.data else None,
    )


def _answer(form: ExplainForm, rules: Rules) -> Answer | None:
    try:
        target = request_target.from_typed_url(form.url.data or "", form.method.data or "GET")
    except AmbiguousTarget as error:
        form.url.errors = [f"This is refused for everybody: {error.reason}."]
        return None
    found = explanation.explain(rules, target)
    account = _account(form)
    allow = found.decision.allow
    everybody = allow.public or allow.signed_in
    names = first_active_names(current_db(), MAX_NAMES + 1, everybody=everybody, roles=allow.roles, names=allow.names)
    return Answer(
        explanation=found,
        api_tokens=explanation.describe_api_tokens(found.decision),
        names=names[:MAX_NAMES],
        has_more=len(names) > MAX_NAMES,
        account=account,
        outcome=describe_outcome(found.decision, account) if account else "",
    )


def _account(form: ExplainForm) -> Account | None:
    """The account that the form asks about. A name that no account has is an error at its field."""
    if not form.name.data:
        return None
    try:
        return queries.find(current_db(), form.name.data)
    except (NoSuchAccount, InvalidName):
        form.name.errors = ["No account has this name."]
        return None
