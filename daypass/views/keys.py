"""The signing keys, for admins to see, rotate and drop."""

from flask import Blueprint, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from daypass import accounts, events, keys, renewal, rotation
from daypass.database import writing
from daypass.errors import InvalidRequest
from daypass.extensions import db, process
from daypass.fresh import TEN_MINUTES
from daypass.gate import entered, holder, token_required
from daypass.keys import Algorithm

pages = Blueprint("keys", __name__, url_prefix="/admin/keys")


@pages.get("", endpoint="ring")
@token_required(role=accounts.ADMIN)
def show_ring() -> str:
    """The ring, and what can be done with it."""
    return render_template(
        "daypass/pages/keys.html",
        keys=rotation.overview(db.session),
        algorithms=list(Algorithm),
        chosen=process().settings.algorithm,
    )


@pages.post("/rotate")
@token_required(role=accounts.ADMIN, fresh=TEN_MINUTES)
def rotate() -> BaseResponse:
    """Sign with a new key from now on."""
    algorithm = request.form.get("algorithm", "")
    if algorithm not in set(Algorithm):
        raise InvalidRequest("no such algorithm")
    key = keys.generate(Algorithm(algorithm))
    with writing(db.session):
        rotation.rotate(db.session, key, process().settings.secret_key)
    return _done("keys_rotated", key.kid)


@pages.post("/<kid>/drop")
@token_required(role=accounts.ADMIN, fresh=TEN_MINUTES)
def drop(kid: str) -> BaseResponse:
    """Refuse what this key has signed. That may be the very token that asks, so a browser gets another one."""
    with writing(db.session):
        rotation.drop(db.session, kid)
    response = make_response(_done("key_dropped", kid))
    return renewal.carry(holder(), response) if entered().from_cookie else response


def _done(event: str, kid: str) -> BaseResponse:
    events.record(event, "success", account=holder().subject, key=kid)
    return redirect(url_for("keys.ring"), 303)
