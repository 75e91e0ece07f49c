"""Send a token, tamper with one, or sign one that is for another purpose."""

from datetime import UTC, datetime

from flask import Flask

from daypass.database.models import new_id
from daypass.tokens import codec, purposes
from daypass.tokens.links import link_claims
from daypass.web.context import current_runtime


def reset_link_token(app: Flask) -> str:
    """The token of a link that resets a password, of an account that does not exist."""
    with app.app_context():
        runtime, now = current_runtime(), datetime.now(UTC).replace(microsecond=0)
        claims = link_claims(runtime.settings.base_url, purposes.RESET, new_id(), new_id(), now)
        return codec.encode(claims, runtime.keys.current().signing)


def bearer_header(token: str) -> dict[str, str]:
    """The request header that carries a token (RFC 6750 section 2.1)."""
    return {"Authorization": f"Bearer {token}"}


def tampered(token: str) -> str:
    """The token with one character of its signature changed; it is still base64url, and its claims are valid."""
    index = token.rindex(".") + 21
    return token[:index] + ("A" if token[index] != "A" else "B") + token[index + 1 :]
