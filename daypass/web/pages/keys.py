"""The signing keys, for admins to see, rotate and drop."""

from flask import Blueprint, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from daypass.accounts import accounts
from daypass.audit.events import Event
from daypass.database.transactions import write_transaction
from daypass.errors import InvalidRequest
from daypass.keys import rotation, signing_key
from daypass.keys.algorithms import SIGNING_ALGORITHMS, signing_algorithm
from daypass.web import audit
from daypass.web.context import current_db, current_runtime
from daypass.web.gate import current_claims, current_pass, token_required
from daypass.web.reauthentication import TEN_MINUTES
from daypass.web.sign_in import set_token_cookie

pages = Blueprint("keys", __name__, url_prefix="/admin/keys")


@pages.get("", endpoint="ring")
@token_required(role=accounts.ADMIN)
def show_ring() -> str:
    """The ring, and what can be done with it."""
    return render_template(
        "daypass/pages/keys.html",
        keys=rotation.list_keys(current_db()),
        algorithms=SIGNING_ALGORITHMS,
        chosen=current_runtime().settings.algorithm,
    )


@pages.post("/rotate")
@token_required(role=accounts.ADMIN, fresh=TEN_MINUTES)
def rotate() -> BaseResponse:
    """Sign with a new key from now on."""
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
    """Refuse what this key has signed. That may be the very token that asks, so a browser gets another one."""
    with write_transaction(current_db()):
        rotation.drop(current_db(), kid)
    response = make_response(_done(Event.KEY_DROPPED, kid))
    if current_pass().from_cookie:
        set_token_cookie(current_runtime(), current_claims(), response)
    return response


def _done(event: Event, kid: str) -> BaseResponse:
    audit.record(event, "success", account=current_claims().subject, key=kid)
    return redirect(url_for("keys.ring"), 303)
