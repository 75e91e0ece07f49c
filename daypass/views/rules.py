"""The rules, for admins to read, and to ask who may see which page."""

from dataclasses import dataclass

from flask import Blueprint, render_template, request

from daypass import accounts, locations, reasons
from daypass.access import NO_RULES, Rules
from daypass.errors import Unavailable, UnclearLocation
from daypass.extensions import db, process
from daypass.forms import AskForm
from daypass.gate import token_required
from daypass.reasons import Explanation

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
    form, in_force = AskForm(request.args), _in_force()
    book = process().rules
    return render_template(
        "daypass/pages/rules.html",
        path=book.path,
        broken=book.broken,
        rules=in_force,
        admitted=reasons.admitted,
        warnings=reasons.warnings(in_force),
        form=form,
        found=_found(form, in_force) if form.url.data else None,
    )


def _in_force() -> Rules:
    try:
        return process().rules.rules
    except Unavailable:
        return NO_RULES


def _found(form: AskForm, rules: Rules) -> Found | None:
    try:
        asked = locations.typed_url(form.url.data or "", form.method.data or "GET")
    except UnclearLocation as error:
        form.url.errors = [f"This is refused for everybody: {error.reason}."]
        return None
    why, people = reasons.explain(rules, asked), accounts.enabled(db.session)
    names = [account.name for account in people if why.decision.who.includes(account)]
    return Found(why, reasons.programs(why.decision), names[:MOST_NAMES], len(names[MOST_NAMES:]), len(people))
