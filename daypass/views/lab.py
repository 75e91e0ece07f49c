"""The lab: tokens made, read and spoilt with keys of the visitor's own. What is typed is neither stored nor logged."""

from contextlib import suppress
from dataclasses import asdict, replace
from datetime import UTC, datetime, timedelta

from flask import Blueprint, make_response, render_template, request
from werkzeug.wrappers import Response as BaseResponse

from daypass import chores, gate
from daypass.errors import InvalidRequest, TooManyKeys
from daypass.extensions import db, process
from daypass.forms import LabForm
from daypass.gate import holder, token_required
from daypass.lab import as_python, loading, material, reading
from daypass.lab.algorithms import Algorithm, is_shared
from daypass.lab.errors import LabError
from daypass.lab.verdict import Judgement, judge
from daypass.turns import Turns
from daypass.views import lab_shown
from daypass.views.explained import own_pass
from daypass.views.lab_bench import ACTS, EXPIRIES, Bench, example, from_form, recipe, sign

pages = Blueprint("lab", __name__, url_prefix="/lab")

turns = Turns()

ONE_SECOND = timedelta(seconds=1)


@pages.get("")
@token_required
def lab() -> BaseResponse:
    """The example, signed with a key that everybody can read."""
    now = datetime.now(UTC)
    return _page(example(now), now, made_of=Bench())


@pages.post("")
@token_required
def work() -> BaseResponse:
    """Do what the button that was pressed says, and show what lies on the bench then. Raises Busy."""
    now, act = datetime.now(UTC), request.form.get("act", "check")
    if act not in ACTS:
        raise InvalidRequest("the lab has no such button")
    bench = from_form(request.form)
    with turns.of(holder().subject), loading.once(), reading.once():
        return _do(act, bench, now)


def _do(act: str, bench: Bench, now: datetime) -> BaseResponse:
    try:
        if act == "key":
            bench = replace(bench, key=_new_key(bench.algorithm))
        return _page(ACTS[act](bench, now), now, made_of=bench if ACTS[act] is sign else None)
    except (LabError, TooManyKeys) as error:
        return _page(bench, now, error=error)


def _new_key(algorithm: Algorithm) -> str:
    if not chores.claim(db.session, "key " + holder().subject[:28], ONE_SECOND):
        raise TooManyKeys
    return material.make(algorithm).private


def _page(
    bench: Bench,
    now: datetime,
    *,
    made_of: Bench | None = None,
    error: LabError | TooManyKeys | None = None,
) -> BaseResponse:
    judgement, wrong_key = _judged(bench, now)
    error = error or wrong_key
    page = render_template(
        "daypass/pages/lab.html",
        form=_form(bench),
        bench=bench,
        fault=reading.read(bench.token).fault if bench.token else "",
        parts=lab_shown.parts(bench.token, bench.original, now) if bench.token else (),
        titles=lab_shown.TITLES,
        swap=lab_shown.swap(bench.token, bench.original),
        judgement=judgement,
        reason=lab_shown.reason(judgement.sentence, judgement.valid) if judgement else "",
        key_notes=_key_notes(bench),
        programs=_programs(bench, made_of),
        error=error,
        shared=is_shared(bench.algorithm),
        own=own_pass(gate.entered().token, process().keys.ring),
    )
    response = make_response(page, error.status if error else 200)
    if isinstance(error, TooManyKeys):
        response.headers["Retry-After"] = str(error.retry_after)
    return response


def _judged(bench: Bench, now: datetime) -> tuple[Judgement | None, LabError | None]:
    """The verdict on the token; None where there is no token, no key, or, with the error, no key that can be used."""
    if not bench.token or not bench.key:
        return None, None
    try:
        return judge(bench.token, key=bench.key, algorithm=bench.algorithm, now=now), None
    except LabError as error:
        return None, error


def _key_notes(bench: Bench) -> dict[str, str]:
    """The public half of the key, and what is to be said about the key; each empty where there is nothing."""
    try:
        public = "" if is_shared(bench.algorithm) else material.public_text(bench.key, bench.algorithm)
        return {"public": public, "warning": material.warning(bench.key, bench.algorithm)}
    except LabError:
        return {"public": "", "warning": ""}


def _programs(bench: Bench, made_of: Bench | None) -> dict[str, str]:
    """The lines of Python that do the same, by what they do: make the token, if it was made just now, and check it."""
    programs = {"make": as_python.encoding(**recipe(made_of))} if made_of else {}
    with suppress(LabError):
        if bench.token and bench.key:
            programs["check"] = as_python.decoding(bench.token, key=bench.key, algorithm=bench.algorithm)
    return programs


def _form(bench: Bench) -> LabForm:
    form = LabForm(data=asdict(bench))
    form.algorithm.choices = [(algorithm.value, algorithm.value) for algorithm in Algorithm]
    form.expiry.choices = [(name, words) for name, (words, _) in EXPIRIES.items()]
    return form
