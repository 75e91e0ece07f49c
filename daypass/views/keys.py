"""The signing keys: for admins to see, rotate and drop; and their public halves, for everybody."""

from flask import Blueprint, Response, json, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from daypass import accounts, events, keys, renewal, rotation, tokens
from daypass.database import writing
from daypass.errors import InvalidRequest
from daypass.extensions import db, process
from daypass.fresh import TEN_MINUTES
from daypass.gate import entered, holder, token_required
from daypass.keys import Algorithm

pages = Blueprint("keys", __name__)

JWKS_SECONDS = 300  # how long others may keep the set; a key they do not know makes them ask again


@pages.get("/.well-known/jwks.json")
def jwks() -> BaseResponse:
    """The keys that verify, as a JWK Set (RFC 7517): public halves only, so none where the ring's are for HMAC."""
    response = Response(json.dumps(tokens.jwk_set(process().keys.ring)), content_type="application/jwk-set+json")
    response.cache_control.public, response.cache_control.max_age = True, JWKS_SECONDS
    response.access_control_allow_origin = "*"
    response.add_etag()
    return response.make_conditional(request)


@pages.get("/admin/keys", endpoint="ring")
@token_required(role=accounts.ADMIN)
def show_ring() -> str:
    return render_template(
        "keys.html",
        keys=rotation.overview(db.session),
        algorithms=list(Algorithm),
        chosen=process().settings.algorithm,
        cached_minutes=JWKS_SECONDS // 60,
    )


@pages.post("/admin/keys/rotate")
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


@pages.post("/admin/keys/<kid>/drop")
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
