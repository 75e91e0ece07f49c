"""The keys page for administrators: list, rotate and drop signing keys."""

from flask import Blueprint, Response, make_response, request
from werkzeug.wrappers import Response as BaseResponse

from daypass.accounts import accounts
from daypass.audit.events import Event
from daypass.database.transactions import write_transaction
from daypass.errors import InvalidRequest
from daypass.keys import rotation, signing_key
from daypass.keys.algorithms import SIGNING_ALGORITHMS, signing_algorithm
from daypass.sessions import dropped_keys, lifecycle
from daypass.web import audit
from daypass.web.confirm_act import confirm_page
from daypass.web.context import current_db, current_runtime
from daypass.web.current_pass import admitted_pass
from daypass.web.flash import redirect_with_message
from daypass.web.gate import current_claims, token_required
from daypass.web.page_url import page_url
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
@token_required(role=accounts.ADMIN, fresh=TEN_MINUTES, act="rotate the key")
def rotate() -> BaseResponse:
    """Create a new key, which signs from now on."""
    algorithm = request.form.get("algorithm", "")
    if algorithm not in SIGNING_ALGORITHMS:
        raise InvalidRequest("no such algorithm")
    key = signing_key.generate(signing_algorithm(algorithm))
    with write_transaction(current_db()):
        rotation.rotate(current_db(), key, current_runtime().settings.secret_key)
    audit.record(Event.KEYS_ROTATED, "success", account=current_claims().subject, key=key.kid)
    return _done(f"Key {key.kid} signs all new passes from now on.")


@pages.get("/<kid>/drop")
@token_required(role=accounts.ADMIN)
def confirm_drop(kid: str) -> str:
    """Say what dropping the key will do."""
    key = rotation.find_key(current_db(), kid)
    ended = dropped_keys.count(current_db(), key, keep=_own_session())
    signs = "It signs all new passes, so a new key replaces it at once." if key.signs else "It signs no new passes."
    return confirm_page(
        f"Drop key {kid}?",
        [f"{_ended(ended)} People sign in again; programs need new API tokens.", signs, "This cannot be undone."],
        button=f"Drop key {kid}",
        action=page_url("keys.drop", kid=kid),
        back=page_url("keys.ring"),
    )


@pages.post("/<kid>/drop")
@token_required(role=accounts.ADMIN, fresh=TEN_MINUTES, act="drop key {kid}".format)
def drop(kid: str) -> BaseResponse:
    """Drop a key. It may have signed the token of this request, so a browser goes on with a new token."""
    own = _own_session()
    with write_transaction(current_db()):
        ended = dropped_keys.drop(current_db(), kid, keep=own)
    audit.record(Event.KEY_DROPPED, "success", account=current_claims().subject, key=kid, count=str(ended))
    response = make_response(_done(f"Key {kid} was dropped: {_ended(ended)}"))
    return response if own is None else _with_new_token(response, own)


def _own_session() -> str | None:
    """The session of this browser, which gets a token of the next key; None for programs."""
    return current_claims().session_id if admitted_pass().from_cookie else None


def _ended(count: int) -> str:
    return "1 session ends." if count == 1 else f"{count} sessions end."


def _with_new_token(response: Response, session_id: str) -> Response:
    """Give the browser a token of the key that signs now, which is created first if none is left."""
    runtime = current_runtime()
    set_token_cookie(runtime, current_claims(), response)
    with write_transaction(current_db()):
        lifecycle.record_signing_key(current_db(), session_id)
    return response


def _done(message: str) -> BaseResponse:
    return redirect_with_message(current_runtime().settings, current_claims().session_id, message, "keys.ring")
