"""The keys page for administrators: list, rotate and drop signing keys."""

from flask import Blueprint, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from daypass.accounts import accounts
from daypass.audit.events import Event
from daypass.database.transactions import write_transaction
from daypass.errors import InvalidRequest
from daypass.keys import rotation, signing_key
from daypass.keys.algorithms import Algorithm
from daypass.web import audit
from daypass.web.context import current_db, current_runtime
from daypass.web.gate import current_claims, current_pass, token_required
from daypass.web.reauthentication import TEN_MINUTES
from daypass.web.sign_in import set_token_cookie

pages = Blueprint("keys", __name__, url_prefix="/admin/keys")


@pages.get("", endpoint="ring")
@token_required(role=accounts.ADMIN)
def show_ring() -> str:
    """List the keys of the key ring."""
    return render_template(
        "daypass/pages/keys.html",
        keys=rotation.list_keys(current_db()),
        algorithms=list(Algorithm),
        chosen=current_runtime().settings.algorithm,
    )


@pages.post("/rotate")
@token_required(role=accounts.ADMIN, fresh=TEN_MINUTES)
def rotate() -> BaseResponse:
    """Create a new key, which signs from now on."""
    algorithm = request.form.get("algorithm", "")
    if algorithm not in set(Algorithm):
        raise InvalidRequest("no such algorithm")
    key = signing_key.generate(Algorithm(algorithm))
    with write_transaction(current_db()):
        rotation.rotate(current_db(), key, current_runtime().settings.secret_key)
    return _done(Event.KEYS_ROTATED, key.kid)


@pages.post("/<kid>/drop")
@token_required(role=accounts.ADMIN, fresh=TEN_MINUTES)
def drop(kid: str) -> BaseResponse:
    """Drop a key.

    It may have signed the token of this request, so a browser gets a new token.
    """
    with write_transaction(current_db()):
        rotation.drop(current_db(), kid)
    response = make_response(_done(Event.KEY_DROPPED, kid))
    if current_pass().from_cookie:
        set_token_cookie(current_runtime(), current_claims(), response)
    return response


def _done(event: Event, kid: str) -> BaseResponse:
    audit.record(event, "success", account=current_claims().subject, key=kid)
    return redirect(url_for("keys.ring"), 303)
