"""The public halves of the signing keys, for whoever verifies a pass elsewhere."""

from flask import Blueprint, Response, json, request
from werkzeug.wrappers import Response as BaseResponse

from daypass.keys import jwks
from daypass.web.context import current_runtime

pages = Blueprint("jwks", __name__)

MAX_AGE = 60  # seconds for which caches on the way may keep the set; whoever verifies keeps it for longer


@pages.get("/.well-known/jwks.json")
def key_set() -> BaseResponse:
    """The keys that verify, as a JWK Set (RFC 7517): public halves only, so none where the ring's are for HMAC."""
    response = Response(
        json.dumps(jwks.jwk_set(current_runtime().keys.current())), content_type="application/jwk-set+json"
    )
    response.cache_control.public, response.cache_control.max_age = True, MAX_AGE
    response.access_control_allow_origin = "*"
    response.add_etag()
    return response.make_conditional(request)
