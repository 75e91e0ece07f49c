"""The API of Daypass. Responses are JSON, errors are problem details (RFC 9457)."""

from flask import Blueprint, Response, jsonify

from daypass.sessions import scopes
from daypass.web.context import current_runtime
from daypass.web.gate import current_claims, token_required
from daypass.web.template_filters import iso

pages = Blueprint("api", __name__, url_prefix="/api")


@pages.get("/me")
@token_required(api_tokens=True)
def me() -> Response:
    """Describe the token of the request, so that a program can test it."""
    claims = current_claims()
    return jsonify(
        id=claims.subject,
        name=claims.name,
        roles=claims.roles,
        purpose=claims.purpose,
        hosts=scopes.hosts_of(claims, current_runtime().settings),
        expires_at=iso(claims.expires_at),
        session=claims.session_id,
    )
