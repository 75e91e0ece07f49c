"""The attack gallery: ways to forge a pass, each to be tried on the gate."""

from dataclasses import dataclass

from flask import Blueprint, abort, jsonify, make_response, render_template, request
from werkzeug.wrappers import Response as BaseResponse

from daypass import trial
from daypass.answers import navigates
from daypass.extensions import process
from daypass.gallery.catalogue import ATTACKS, BY_NAME
from daypass.gallery.example import example
from daypass.gate import holder, token_required
from daypass.trial import Outcome
from daypass.turns import Turns

pages = Blueprint("gallery", __name__, url_prefix="/lab/attacks")

turns = Turns()

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
    sentence: str

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
    with turns.of(holder().subject):
        told = {attack.name: _told(trial.run(attack, holder().subject)) for attack in ATTACKS}
    return _page(told)


@pages.post("/<name>", endpoint="try_one")
@token_required
def try_one(name: str) -> BaseResponse:
    """One attack: a browser gets the page with its verdict, a script the verdict as JSON."""
    if name not in BY_NAME:
        abort(404)
    with turns.of(holder().subject):
        told = _told(trial.run(BY_NAME[name], holder().subject))
    if navigates(request):
        return _page({name: told})
    return jsonify(
        state=told.state, word=told.word, headline=told.headline, reasons=told.reasons, sentence=told.sentence
    )


def _told(outcome: Outcome) -> Told:
    if not outcome.control:
        return Told("unknown", (), "")
    if outcome.refused:
        return Told("kept-out" if outcome.attack.gets_in else "refused", outcome.reasons, outcome.told)
    return Told("let-in" if outcome.attack.gets_in else "broken", outcome.reasons, "")


def _page(told: dict[str, Told]) -> BaseResponse:
    examples = [example(attack, process().settings.base_url) for attack in ATTACKS]
    score = Score(tuple(one.state for one in told.values()))
    return make_response(render_template("daypass/pages/gallery.html", examples=examples, told=told, score=score))
