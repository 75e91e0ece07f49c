"""The keys page for administrators: list, rotate and drop signing keys."""

from flask import Blueprint, Response, make_response, redirect, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from daypass.accounts import accounts
from daypass.audit.events import Event
from daypass.database.transactions import write_transaction
from daypass.errors import InvalidRequest
from daypass.keys import rotation, signing_key
from daypass.keys.algorithms import SIGNING_ALGORITHMS, signing_algorithm
from daypass.sessions import dropped_keys, lifecycle
from daypass.web import audit
from daypass.web.context import current_db, current_runtime
from daypass.web.gate import current_claims, current_pass, token_required
from daypass.web.reauthentication import TEN_MINUTES
from daypass.web.rendering import render_page
from daypass.web.sign_in import set_token_cookie

pages = Blueprint("keys", __name__, url_prefix="/admin/keys")


@pages.get("", endpoint="ring")
@token_required(role=accounts.ADMIN)
def show_ring() -> str:
    """List the keys of the key ring."""
    return render_page(
        "daypass/pages/keys.html",
        keys=rotation.list_keys(current_db()),
        algorithms=SIGNING_ALGORITHMS,
        chosen=current_runtime().settings.algorithm,
    )


@pages.post("/rotate")
@token_required(role=accounts.ADMIN, fresh=TEN_MINUTES)
def rotate() -> BaseResponse:
    """Create a new key, which signs from now on."""
    algorithm = request.form.get("algorithm", "")
    if algorithm not in SIGNING_ALGORITHMS:
        raise InvalidRequest("no such algorithm")
    key = signing_key.generate(signing_algorithm(algorithm))
    with write_transaction(current_db()):
        rotation.rotate(current_db(), key, current_runtime().settings.secret_key)
    return _done(Event.KEYS_ROTATED, key.kid)


@pages.post("/<kid>/drop")
@token_required(role=accounts.ADMIN, fresh=TEN_MINUTES)
def drop(kid: str) -> BaseResponse:
    """Drop a key. It may have signed the token of this request, so a browser goes on with a new token."""
    own = current_claims().session_id if current_pass().from_cookie else None
    with write_transaction(current_db()):
        ended = dropped_keys.drop(current_db(), kid, keep=own)
    response = make_response(_done(Event.KEY_DROPPED, kid, count=str(ended)))
    return response if own is None else _with_new_token(response, own)


def _with_new_token(response: Response, session_id: str) -> Response:
    """Give the browser a token of the key that signs now, which is created first if none is left."""
    runtime = current_runtime()
    set_token_cookie(runtime, current_claims(), response)
    with write_transaction(current_db()):
        lifecycle.record_signing_key(current_db(), session_id)
    return response


def _done(event: Event, kid: str, **facts: str) -> BaseResponse:
    audit.record(event, "success", account=current_claims().subject, key=kid, **facts)
    return redirect(url_for("keys.ring"), 303)
