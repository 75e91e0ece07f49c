"""The lab: create, read and tamper with tokens.

Keys and tokens are neither stored nor logged.
"""

from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any

from flask import Blueprint, make_response, request
from werkzeug.wrappers import Response as BaseResponse

from daypass.errors import InvalidRequest
from daypass.keys.algorithms import Algorithm, is_shared
from daypass.lab.playground import key_loading, key_text, parsing, presentation, python_code
from daypass.lab.playground.errors import LabError
from daypass.lab.playground.verification import Verification, verify
from daypass.lab.playground.workbench import ACTIONS, EXPIRIES, Workbench, example, from_form, recipe, sign
from daypass.throttling.account_lock import AccountLock
from daypass.throttling.interval_claims import claim
from daypass.web import gate
from daypass.web.attempts import require_lab_attempt
from daypass.web.context import current_db, current_runtime
from daypass.web.gate import current_claims, token_required
from daypass.web.pass_details import own_pass
from daypass.web.rendering import render_page
from daypass.web.request_errors import KeyRateLimited

pages = Blueprint("lab", __name__, url_prefix="/lab")

lock = AccountLock()

ONE_SECOND = timedelta(seconds=1)


@pages.get("")
@token_required
def lab() -> BaseResponse:
    """Show the example token, whose key is visible to everybody."""
    return _page(_example(datetime.now(UTC).replace(second=0, microsecond=0)))


@lru_cache(maxsize=1)
def _example(minute: datetime) -> dict[str, Any]:
    """The example, signed at the beginning of a minute; it is the same for everybody."""
    with key_loading.once(), parsing.once():
        return _details(example(minute), minute, signed_from=Workbench())


@pages.post("")
@token_required
def work() -> BaseResponse:
    """Do what the pressed button says, and show the workbench afterwards.

    Raises Busy.
    """
    now, act = datetime.now(UTC), request.form.get("act", "check")
    if act not in ACTIONS:
        raise InvalidRequest("unknown action in the lab")
    bench = from_form(request.form)
    require_lab_attempt(current_runtime().settings, current_db(), current_claims().subject)
    with lock.hold(current_claims().subject), key_loading.once(), parsing.once():
        return _do(act, bench, now)


def _do(act: str, bench: Workbench, now: datetime) -> BaseResponse:
    try:
        if act == "key":
            bench = replace(bench, key=_new_key(bench.algorithm))
        signed_from = bench if ACTIONS[act] is sign else None
        return _page(_details(ACTIONS[act](bench, now), now, signed_from=signed_from))
    except (LabError, KeyRateLimited) as error:
        return _page(_details(bench, now, error=error))


def _new_key(algorithm: Algorithm) -> str:
    if not claim(current_db(), "key " + current_claims().subject[:28], ONE_SECOND):
        raise KeyRateLimited
    return key_text.generate(algorithm).private


def _page(details: dict[str, Any]) -> BaseResponse:
    own = own_pass(gate.current_pass().token, current_runtime().keys.ring)
    error: LabError | KeyRateLimited | None = details["error"]
    response = make_response(render_page("daypass/pages/lab.html", own=own, **details), error.status if error else 200)
    if isinstance(error, KeyRateLimited):
        response.headers["Retry-After"] = str(error.retry_after)
    return response


def _details(
    bench: Workbench,
    now: datetime,
    *,
    signed_from: Workbench | None = None,
    error: LabError | KeyRateLimited | None = None,
) -> dict[str, Any]:
    """What the page shows of a workbench, as variables of its template."""
    judgement, wrong_key = _verification(bench, now)
    return {
        "bench": bench,
        "algorithms": list(Algorithm),
        "expiries": EXPIRIES,
        "fault": parsing.read(bench.token).fault if bench.token else "",
        "parts": presentation.parts(bench.token, bench.original, now) if bench.token else (),
        "titles": presentation.TITLES,
        "swap": presentation.changed_character(bench.token, bench.original),
        "judgement": judgement,
        "reason": presentation.reason(judgement.message, judgement.valid) if judgement else "",
        "key_notes": _key_notes(bench),
        "programs": _programs(bench, signed_from),
        "error": error or wrong_key,
        "shared": is_shared(bench.algorithm),
    }


def _verification(bench: Workbench, now: datetime) -> tuple[Verification | None, LabError | None]:
    """The verdict on the token, or the error in the key.

    Both are None without a token or key.
    """
    if not bench.token or not bench.key:
        return None, None
    try:
        return verify(bench.token, key=bench.key, algorithm=bench.algorithm, now=now), None
    except LabError as error:
        return None, error


def _key_notes(bench: Workbench) -> dict[str, str]:
    """The public key and a warning about the key; each is empty if there is none."""
    try:
        public = "" if is_shared(bench.algorithm) else key_text.public_text(bench.key, bench.algorithm)
        return {"public": public, "warning": key_text.warning(bench.key, bench.algorithm)}
    except LabError:
        return {"public": "", "warning": ""}


def _programs(bench: Workbench, signed_from: Workbench | None) -> dict[str, str]:
    """Python code that does the same as the lab.

    `make` creates the token, if it was just signed; `check` verifies it.
    """
    programs = {"make": python_code.encoding_program(**recipe(signed_from))} if signed_from else {}
    with suppress(LabError):
        if bench.token and bench.key:
            programs["check"] = python_code.decoding_program(bench.token, key=bench.key, algorithm=bench.algorithm)
    return programs
