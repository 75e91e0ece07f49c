"""The lab: create, read and tamper with tokens.

Keys and tokens are neither stored nor logged.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any

from flask import Blueprint, make_response, request
from werkzeug.wrappers import Response as BaseResponse

from daypass.errors import InvalidRequest
from daypass.keys.algorithms import Algorithm
from daypass.lab.playground import first_steps, key_loading, key_text, parsing
from daypass.lab.playground.actions import ACTIONS, example, sign, with_fitting_key
from daypass.lab.playground.errors import LabError
from daypass.lab.playground.workbench import Workbench, from_form, set_clock, with_real_time
from daypass.throttling.account_lock import AccountLock
from daypass.throttling.interval_claims import claim
from daypass.web.attempts import require_attempt
from daypass.web.context import current_db, current_runtime
from daypass.web.gate import token_required
from daypass.web.lab_details import details
from daypass.web.lab_visitor import LabVisitor, lab_visitor, open_to_guests
from daypass.web.pass_details import own_pass
from daypass.web.rendering import render_page
from daypass.web.request_errors import KeyRateLimited

pages = Blueprint("lab", __name__, url_prefix="/lab")

lock = AccountLock()

ONE_SECOND = timedelta(seconds=1)


@pages.get("")
@open_to_guests(token_required)
def lab() -> BaseResponse:
    """Show the example token, whose key is visible to everybody."""
    return _page(lab_visitor(), _example(datetime.now(UTC).replace(second=0, microsecond=0)))


@lru_cache(maxsize=1)
def _example(minute: datetime) -> dict[str, Any]:
    """The example, signed at the beginning of a minute; it is the same for everybody."""
    with key_loading.once(), parsing.once():
        bench, moment = set_clock(example(minute), minute)
        return details(bench, moment, signed_from=Workbench())


@pages.post("")
@open_to_guests(token_required)
def work() -> BaseResponse:
    """Do what the pressed button says, and show the workbench afterwards.

    Raises Busy.
    """
    now, act = datetime.now(UTC), request.form.get("act", "check")
    if act not in ACTIONS:
        raise InvalidRequest("unknown action in the lab")
    bench, person = from_form(request.form), lab_visitor()
    require_attempt(current_db(), person.limit)
    with lock.hold(person.owner), key_loading.once(), parsing.once():
        return _page(person, _do(act, with_real_time(bench) if act == "real-time" else bench, now, _key_maker(person)))


def _do(act: str, bench: Workbench, now: datetime, new_key: Callable[[Algorithm], str]) -> dict[str, Any]:
    """Perform an act; returns the variables of the template."""
    moment, typed_key = now, bench.key
    try:
        if act == "change" and bench.has_new_clock:  # Enter in the field of the clock
            act = "time"
        bench, moment = set_clock(bench, now)
        pressed, (act, bench) = act, with_fitting_key(act, bench, new_key)
        signed_from = bench if ACTIONS[act] is sign else None
        done = ACTIONS[act](bench, moment)
    except (LabError, KeyRateLimited) as error:
        return details(bench, moment, error=error)
    found = details(done, moment, signed_from=signed_from)
    return found | {
        "new_key": bench.key not in ("", typed_key),
        "finished": first_steps.finished(pressed, act, done, found["judgement"]),
    }


def _key_maker(person: LabVisitor) -> Callable[[Algorithm], str]:
    """A function that generates a key for the visitor, at most one per second. It raises KeyRateLimited."""

    def new_key(algorithm: Algorithm) -> str:
        if not claim(current_db(), person.key_claim, ONE_SECOND):
            raise KeyRateLimited
        return key_text.generate(algorithm).private

    return new_key


def _page(person: LabVisitor, found: dict[str, Any]) -> BaseResponse:
    own = own_pass(person.admitted.token, current_runtime().keys.ring) if person.admitted else None
    error: LabError | KeyRateLimited | None = found["error"]
    response = make_response(render_page("daypass/pages/lab.html", own=own, **found), error.status if error else 200)
    if isinstance(error, KeyRateLimited):
        response.headers["Retry-After"] = str(error.retry_after)
    return response
