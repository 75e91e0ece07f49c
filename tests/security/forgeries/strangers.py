"""Valid tokens of another purpose, of another app, or of another format."""

import hashlib
import secrets
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime

from itsdangerous import URLSafeTimedSerializer

from daypass.database.models import new_id
from daypass.tokens import codec, purposes
from daypass.tokens.claims import Claims
from daypass.tokens.links import link_claims
from tests.conftest import SECRET_KEY
from tests.security.forging import OMITTED, Forgery, Target, row, sign

PURPOSES = ("setup", "reset", "invite", "csrf", "refresh", "email", "device", "access", "id", "api")
TYPES: dict[str, object] = {
    "access-token": "at+jwt",
    "logout-token": "logout+jwt",
    "dpop": "dpop+jwt",
    "secevent": "secevent+jwt",
    "lower-case": "jwt",
    "jws": "JWS",
    "jose": "JOSE",
    "media-type": "application/jwt",
    "space-behind": "JWT ",
    "empty": "",
    "null": None,
    "list": ["JWT"],
    "object": {},
    "number": 1,
}


@row(40, "token-of-another-purpose")
def token_of_another_purpose(target: Target) -> Iterator[Forgery]:
    """(K) Every one of them is signed with the key that signs sessions."""
    yield Forgery("reset-link", codec.encode(_reset_claims(target.payload["iss"]), target.key))
    for purpose in PURPOSES:
        yield Forgery(f"purpose-{purpose}", target.with_claims(aud=purpose))
        yield Forgery(f"purpose-{purpose}-without-session", target.with_claims(aud=purpose, sid=OMITTED))
    for name, typ in TYPES.items():
        yield Forgery(f"typ-{name}", target.signed(target.header | {"typ": typ}))
    yield Forgery("typ-missing", target.signed({"alg": target.header["alg"], "kid": target.key.kid}))
    yield Forgery("other-app", target.with_claims(iss="https://other.example"))
    yield Forgery("other-app-same-name", target.with_claims(iss="https://other.example", aud="https://other.example"))
    minimal = {name: target.payload[name] for name in ("sub", "exp", "iat")}
    yield Forgery("other-app-fewer-claims", target.signed(payload=minimal))
    yield Forgery("other-app-more-claims", target.with_claims(email="alice@example.org", azp="app"))


@row(41, "token-of-another-format")
def token_of_another_format(target: Target) -> Iterator[Forgery]:
    session = {"user_id": target.payload["sub"], "_fresh": True, "sid": target.payload["sid"]}
    for secret in ("dev", "secret", SECRET_KEY):
        for salt in ("cookie-session", "itsdangerous", "auth"):
            cookie = URLSafeTimedSerializer(secret, salt=salt, signer_kwargs={"key_derivation": "hmac"})
            yield Forgery(f"itsdangerous-{secret[:6]}-{salt}", str(cookie.dumps(session)))
        header = target.header | {"alg": "HS256"}
        yield Forgery(f"jwt-{secret[:6]}", target.signed_by(secret.encode(), "HS256", header))
    sealed = secrets.token_urlsafe(96)
    others = {
        "paseto-local": f"v4.local.{sealed}",
        "paseto-public": f"v4.public.{sealed}",
        "paseto-footer": f"v2.public.{sealed}.{secrets.token_urlsafe(16)}",
        "uuid": str(uuid.uuid4()),
        "md5-of-name": hashlib.md5(b"alice", usedforsecurity=False).hexdigest(),
        "session-id": target.payload["sid"],
        "account-id": target.payload["sub"],
        "name": target.payload["name"],
        "name-and-hmac": f"{target.payload['name']}.{sign('HS256', b'secret', b'alice').hex()}",
        "fernet": f"gAAAAAB{secrets.token_urlsafe(96)}",
        "biscuit": f"En0KEwoE{secrets.token_urlsafe(96)}",
        "macaroon": f"MDAxY2xvY2F0aW9u{secrets.token_urlsafe(96)}",
        "number": "1",
        "true": "true",
        "null": "null",
        "undefined": "undefined",
        "wildcard": "*",
    }
    for name, text in others.items():
        yield Forgery(name, text)


def _reset_claims(issuer: str) -> Claims:
    """The claims of a link that resets a password."""
    now = datetime.now(UTC).replace(microsecond=0)
    return link_claims(issuer, purposes.RESET, new_id(), new_id(), now)
