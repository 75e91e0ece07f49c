"""The attack gallery: ways to forge a pass, each to be tried on the gate."""

from dataclasses import dataclass

from flask import Blueprint, abort, jsonify, make_response, render_template, request
from werkzeug.wrappers import Response as BaseResponse

from daypass.lab.attacks import trial
from daypass.lab.attacks.attack import Attack
from daypass.lab.attacks.catalogue import ATTACKS, BY_NAME
from daypass.lab.attacks.examples import example
from daypass.lab.attacks.trial import Outcome
from daypass.throttling.account_lock import AccountLock
from daypass.web.client import current_client
from daypass.web.context import current_db, current_runtime
from daypass.web.gate import current_claims, token_required
from daypass.web.navigation import is_navigation

pages = Blueprint("gallery", __name__, url_prefix="/lab/attacks")

lock = AccountLock()

HEADLINES = {  # in a word, and in a few
    "refused": ("refused", "Refused"),
    "let-in": ("let in", "Let in, on purpose"),
    "broken": ("let in", "Let in, which must not happen"),
    "kept-out": ("refused", "Refused, though it was to get in"),
    "unknown": ("no verdict", "No verdict: the untouched token was refused too"),
}


@dataclass(frozen=True)
class Told:
    """An outcome in words; `state` is one of those that have a headline."""

    state: str
    reasons: tuple[str, ...]
    message: str

    @property
    def headline(self) -> str:
        """What came of it, in a few words."""
        return HEADLINES[self.state][1]

    @property
    def word(self) -> str:
        """What came of it, in a word."""
        return HEADLINES[self.state][0]


@dataclass(frozen=True)
class Score:
    """What came of several trials, by their states."""

    states: tuple[str, ...]

    @property
    def tried(self) -> int:
        """How many were tried."""
        return len(self.states)

    @property
    def refused(self) -> int:
        """How many were refused, as they should be or not."""
        return self.states.count("refused") + self.states.count("kept-out")

    @property
    def let_in(self) -> int:
        """How many got in, on purpose or not."""
        return self.states.count("let-in") + self.states.count("broken")

    @property
    def result(self) -> str | None:
        """Once all were tried: whether it came as it is meant to, `good` or `bad`."""
        if self.tried < len(ATTACKS):
            return None
        return "good" if set(self.states) <= {"refused", "let-in"} else "bad"


@pages.get("", endpoint="attacks")
@token_required
def show() -> BaseResponse:
    """All attacks, none of them tried."""
    return _page({})


@pages.post("", endpoint="try_all")
@token_required
def try_all() -> BaseResponse:
    """All attacks, one after another."""
    with lock.hold(current_claims().subject):
        told = {attack.name: _told(_try(attack)) for attack in ATTACKS}
    return _page(told)


@pages.post("/<name>", endpoint="try_one")
@token_required
def try_one(name: str) -> BaseResponse:
    """One attack: a browser gets the page with its verdict, a script the verdict as JSON."""
    if name not in BY_NAME:
        abort(404)
    with lock.hold(current_claims().subject):
        told = _told(_try(BY_NAME[name]))
    if is_navigation(request):
        return _page({name: told})
    return jsonify(state=told.state, word=told.word, headline=told.headline, reasons=told.reasons, message=told.message)


def _try(attack: Attack) -> Outcome:
    runtime = current_runtime()
    return trial.run(
        attack,
        db=current_db(),
        account_id=current_claims().subject,
        client=current_client(runtime.settings),
        issuer=runtime.settings.base_url,
        new_gate=runtime.gate.with_keys,
    )


def _told(outcome: Outcome) -> Told:
    if not outcome.control_accepted:
        return Told("unknown", (), "")
    if outcome.refused:
        return Told("kept-out" if outcome.attack.gets_in else "refused", outcome.reasons, outcome.message)
    return Told("let-in" if outcome.attack.gets_in else "broken", outcome.reasons, "")


def _page(told: dict[str, Told]) -> BaseResponse:
    examples = [example(attack, current_runtime().settings.base_url) for attack in ATTACKS]
    score = Score(tuple(one.state for one in told.values()))
    return make_response(render_template("daypass/pages/gallery.html", examples=examples, told=told, score=score))
