"""The public keys, for services that verify passes themselves."""

from flask import Blueprint, Response, json, request
from werkzeug.wrappers import Response as BaseResponse

from daypass.keys import jwks
from daypass.web.context import current_runtime

pages = Blueprint("jwks", __name__)

MAX_AGE = 60  # seconds that caches may keep the set; services that verify passes keep it longer


@pages.get("/.well-known/jwks.json")
def key_set() -> BaseResponse:
    """The public keys as a JWK Set (RFC 7517).

    The set is empty if all keys are for HMAC.
    """
    response = Response(
        json.dumps(jwks.jwk_set(current_runtime().keys.current())), content_type="application/jwk-set+json"
    )
    response.cache_control.public, response.cache_control.max_age = True, MAX_AGE
    response.access_control_allow_origin = "*"
    response.add_etag()
    return response.make_conditional(request)
