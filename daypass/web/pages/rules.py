"""The rules, for admins to read, and to ask who may see which page."""

from dataclasses import dataclass

from flask import Blueprint, render_template, request

from daypass.accounts import accounts, queries
from daypass.errors import AmbiguousTarget, ServiceUnavailable
from daypass.net import request_target
from daypass.rules import explanation
from daypass.rules.explanation import Explanation
from daypass.rules.model import NO_RULES, Rules
from daypass.web.context import current_db, current_runtime
from daypass.web.forms import ExplainForm
from daypass.web.gate import token_required

MOST_NAMES = 40  # on the page

pages = Blueprint("rules", __name__, url_prefix="/admin/rules")


@dataclass(frozen=True)
class Found:
    """What decides about the page that was asked about, and who may see it: API tokens, and which of the accounts."""

    why: Explanation
    programs: str
    names: list[str]
    more: int
    of: int


@pages.get("", endpoint="rules")
@token_required(role=accounts.ADMIN)
def show() -> str:
    """The rules in force, and who may see the page that is asked about."""
    form, in_force = ExplainForm(request.args), _in_force()
    book = current_runtime().rules
    return render_template(
        "daypass/pages/rules.html",
        path=book.path,
        broken=book.broken,
        rules=in_force,
        admitted=explanation.describe_access,
        warnings=explanation.warnings(in_force),
        form=form,
        found=_found(form, in_force) if form.url.data else None,
    )


def _in_force() -> Rules:
    try:
        return current_runtime().rules.rules
    except ServiceUnavailable:
        return NO_RULES


def _found(form: ExplainForm, rules: Rules) -> Found | None:
    try:
        asked = request_target.from_typed_url(form.url.data or "", form.method.data or "GET")
    except AmbiguousTarget as error:
        form.url.errors = [f"This is refused for everybody: {error.reason}."]
        return None
    why, people = explanation.explain(rules, asked), queries.list_enabled(current_db())
    names = [account.name for account in people if why.decision.allow.includes(account)]
    return Found(
        why, explanation.describe_api_tokens(why.decision), names[:MOST_NAMES], len(names[MOST_NAMES:]), len(people)
    )
