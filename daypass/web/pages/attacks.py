"""The attack gallery: ways to forge a pass, each run against the gate."""

from dataclasses import dataclass
from datetime import UTC, datetime

from flask import Blueprint, abort, jsonify, make_response, request
from werkzeug.wrappers import Response as BaseResponse

from daypass.lab.attacks import runner
from daypass.lab.attacks.attack import Attack
from daypass.lab.attacks.catalogue import ATTACKS, BY_NAME
from daypass.lab.attacks.examples import examples
from daypass.lab.attacks.runner import Outcome
from daypass.throttling.account_lock import AccountLock
from daypass.web.attempts import require_lab_attempt
from daypass.web.client import current_client
from daypass.web.context import current_db, current_runtime
from daypass.web.gate import current_claims, token_required
from daypass.web.navigation import is_navigation
from daypass.web.rendering import render_page

pages = Blueprint("gallery", __name__, url_prefix="/lab/attacks")

lock = AccountLock()

HEADLINES = {  # by state
    "refused": "Refused",
    "let-in": "Let in, on purpose",
    "broken": "Let in, but should have been refused",
    "kept-out": "Refused, but should have been let in",
    "unknown": "No verdict: the unchanged token was refused too",
}


@dataclass(frozen=True)
class Result:
    """The result of an attack in words; `state` is a key of HEADLINES."""

    state: str
    reasons: tuple[str, ...]
    message: str

    @property
    def headline(self) -> str:
        """The result in a few words."""
        return HEADLINES[self.state]


@dataclass(frozen=True)
class Score:
    """The score of several attacks, from the states of their results."""

    states: tuple[str, ...]

    @property
    def tried(self) -> int:
        """How many attacks were tried."""
        return len(self.states)

    @property
    def refused(self) -> int:
        """How many were refused, as expected or not."""
        return self.states.count("refused") + self.states.count("kept-out")

    @property
    def let_in(self) -> int:
        """How many were let in, on purpose or not."""
        return self.states.count("let-in") + self.states.count("broken")

    @property
    def result(self) -> str | None:
        """`expected` or `unexpected` once all attacks were tried, None before."""
        if self.tried < len(ATTACKS):
            return None
        return "expected" if set(self.states) <= {"refused", "let-in"} else "unexpected"


@pages.get("", endpoint="attacks")
@token_required
def show() -> BaseResponse:
    """Show all attacks, without running any."""
    return _page({})


@pages.post("", endpoint="try_all")
@token_required
def try_all() -> BaseResponse:
    """Run all attacks, one after another."""
    require_lab_attempt(current_runtime().settings, current_db(), current_claims().subject)
    with lock.hold(current_claims().subject):
        results = {attack.name: _result(_try(attack)) for attack in ATTACKS}
    return _page(results)


@pages.post("/<name>", endpoint="try_one")
@token_required
def try_one(name: str) -> BaseResponse:
    """Run one attack.

    The response is the page with the result, or for scripts the result as JSON.
    """
    if name not in BY_NAME:
        abort(404)
    require_lab_attempt(current_runtime().settings, current_db(), current_claims().subject)
    with lock.hold(current_claims().subject):
        result = _result(_try(BY_NAME[name]))
    if is_navigation(request.environ, current_runtime().settings):
        return _page({name: result})
    return jsonify(
        state=result.state,
        headline=result.headline,
        reasons=result.reasons,
        message=result.message,
    )


def _try(attack: Attack) -> Outcome:
    runtime = current_runtime()
    return runner.run(
        attack,
        db=current_db(),
        account_id=current_claims().subject,
        client=current_client(runtime.settings),
        issuer=runtime.settings.issuer,
        new_gate=runtime.gate.with_keys,
    )


def _result(outcome: Outcome) -> Result:
    if not outcome.control_accepted:
        return Result("unknown", (), "")
    if outcome.refused:
        return Result("kept-out" if outcome.attack.gets_in else "refused", outcome.reasons, outcome.message)
    return Result("let-in" if outcome.attack.gets_in else "broken", outcome.reasons, "")


def _page(results: dict[str, Result]) -> BaseResponse:
    shown = examples(current_runtime().settings.issuer, datetime.now(UTC))
    score = Score(tuple(result.state for result in results.values()))
    return make_response(render_page("daypass/pages/gallery.html", examples=shown, results=results, score=score))
