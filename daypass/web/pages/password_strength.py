"""Rate a new password while it is typed."""

from datetime import timedelta

from flask import Blueprint, Response, jsonify, request

from daypass.accounts.errors import WeakPassword
from daypass.errors import InvalidRequest
from daypass.throttling.attempts import Limit
from daypass.throttling.rate import Rate
from daypass.web.attempts import client_hasher, require_attempt
from daypass.web.context import current_db, current_runtime
from daypass.web.gate import current_claims, token_required

pages = Blueprint("password_strength", __name__, url_prefix="/account/password")

BREACHED_LATER = "Lists of breached passwords are searched when you send the form."
RATE = Rate(120, timedelta(minutes=4))  # a fast typist causes about two requests a second


@pages.post("/strength")
@token_required
def strength() -> Response:
    """How hard the password in the form is to guess: `score` from 0 to 4, `accepted`, and `advice`.

    The server estimates it, in the queue of the hashes, because only the form's own check never calls a password strong
    that the form then refuses. Candidates are in the body of the request, which no log contains. Lists of breached
    passwords are not searched: a service that was asked about each version of a password while it is typed could guess
    the password from the prefixes of their hashes.

    Raises InvalidRequest, TooManyAttempts or Busy.
    """
    runtime, claims = current_runtime(), current_claims()
    require_attempt(current_db(), Limit("strength", claims.subject, RATE))
    candidate = request.form.get("new")
    if candidate is None:
        raise InvalidRequest("no password")
    try:
        score = client_hasher(runtime).rate(candidate, claims.name)
    except WeakPassword as error:
        return jsonify(score=error.score, accepted=False, advice=" ".join(error.advice))
    return jsonify(score=score, accepted=True, advice=BREACHED_LATER if runtime.settings.breached_passwords else "")
