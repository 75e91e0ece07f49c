"""In tests, the stand-in for the Daypass that issues the passes of an app."""

import hashlib
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from flask import Flask

from daypass.accounts.names import canonical
from daypass.accounts.roles import check_roles
from daypass.database.models import new_id
from daypass.keys import signing_key
from daypass.keys.algorithms import Algorithm, is_shared
from daypass.keys.jwks import jwk_set
from daypass.keys.public_ring import read_jwk_set
from daypass.keys.ring import KeyRing
from daypass.keys.signing_key import SigningKey
from daypass.runtime import Verifier
from daypass.sessions.issuing import whole_seconds
from daypass.settings.definitions import Settings
from daypass.tokens import codec, purposes
from daypass.tokens.claims import Claims, sessionless_claims

KEY = "daypass_stand_in_key"  # in `app.extensions`


def issue_pass(app: Flask, verifier: Verifier, name: str, roles: Iterable[str]) -> str:
    """A token that the app accepts, as the issuer would sign it. The app fetches no keys from then on."""
    return codec.encode(_claims(verifier.settings, canonical(name), roles), _key(app, verifier))


def _key(app: Flask, verifier: Verifier) -> SigningKey:
    if KEY not in app.extensions:
        algorithm = verifier.settings.algorithm
        key = signing_key.generate(Algorithm.ES256 if is_shared(algorithm) else algorithm)
        verifier.keys.pin(read_jwk_set(jwk_set(KeyRing([key]))))
        app.extensions[KEY] = key
    kept: SigningKey = app.extensions[KEY]
    return kept


def _claims(settings: Settings, name: str, roles: Iterable[str]) -> Claims:
    now = whole_seconds(datetime.now(UTC))
    subject = hashlib.sha256(name.encode()).hexdigest()[:32]  # the same at each call
    lifetime = timedelta(seconds=settings.token_lifetime)
    claims = sessionless_claims(settings.issuer, purposes.SESSION, subject, new_id(), now, lifetime)
    return replace(claims, name=name, roles=tuple(check_roles(roles)))
