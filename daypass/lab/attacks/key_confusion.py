"""Attacks that make a public key a secret, or a secret public."""

import hmac

from daypass.keys.algorithms import Algorithm
from daypass.lab.attacks.attack import Attack, Defence, Reference
from daypass.lab.attacks.forging import Target, unpart
from daypass.lab.attacks.unsigned import OWN_ALGORITHM, admin

# Secrets that stand in tutorials, documents and sample settings, and so in the lists that guessing programs read.
WORDS = (
    *("secret", "password", "changeme", "jwt", "jwt-secret", "jwt_secret_key", "mysecret", "my-secret-key"),
    *("supersecret", "super-secret-key", "secretkey", "secret-key", "your-secret-key", "dev", "test", "admin", "key"),
    *("your-256-bit-secret", "your-384-bit-secret", "your-512-bit-secret", "qwertyuiopasdfghjklzxcvbnm123456"),
    *("my-32-character-ultra-secure-and-ultra-long-secret", "a-string-secret-at-least-256-bits-long"),
)


def public_as_secret(target: Target) -> list[str]:
    """The public key's text as an HMAC secret, as it is and without the last line's end."""
    header, claims, text = target.header | {"alg": "HS256"}, admin(target), target.public_key()
    return [target.signed(secret, header=header, payload=claims) for secret in (text, text.rstrip())]


def guessed(token: str) -> str | None:
    """The word that a token was signed with, by trying them all; nobody notices, since it needs no gate."""
    text, _, signature = token.rpartition(".")
    for word in WORDS:
        if hmac.compare_digest(hmac.digest(word.encode(), text.encode(), "sha256"), unpart(signature)):
            return word
    return None


def signed_with_the_guess(target: Target) -> list[str]:
    """A token that the site never made; none where the secret is not on the list."""
    word = guessed(target.token)
    if word is None:
        return []
    claims = target.payload | {"iat": int(target.now.timestamp())}
    return [target.signed(word.encode(), header=target.header, payload=claims)]


RSA = Attack(
    name="public-key-rs256",
    title="The public key as a secret",
    hope="The gate takes the public key of RS256, which everybody can download, and uses it as a secret of HS256.",
    says="HS256, made anew",
    finds="RS256 only",
    why="Each key in the ring verifies one algorithm. This one verifies RS256.",
    defence=OWN_ALGORITHM,
    seen=Reference("CVE-2015-9235", "jsonwebtoken for Node.js before 4.2.2 did so."),
    forge=public_as_secret,
    rings=(Algorithm.RS256,),
)

CURVE = Attack(
    name="public-key-es256",
    title="The same with a curve",
    hope="The list of texts that look like a public key, which no secret may, leaves out those of elliptic curves.",
    says="HS256, made anew",
    finds="ES256 only",
    why="No list is needed. This key verifies ES256, and is never tried with anything else.",
    defence=OWN_ALGORITHM,
    seen=Reference("CVE-2022-29217", "PyJWT before 2.4.0 had such a list, and it had gaps."),
    forge=public_as_secret,
    rings=(Algorithm.ES256, Algorithm.EDDSA),
)

WEAK = Attack(
    name="weak-secret",
    title="A secret from a word list",
    hope="Somebody copied the secret from a tutorial. It can be guessed at home, a million words a second.",
    says="signed with a guess",
    finds="it fits",
    why=(
        "The key of this try is “a-string-secret-at-least-256-bits-long”: long enough, and on every list. Whoever has "
        "the key can make passes as the site does. So the keys of this site are random, and nobody types them."
    ),
    defence=Defence("keys.signing_key._new_private", "return secrets.token_bytes(SECRET_BYTES[algorithm])"),
    seen=Reference("CVE-2020-1764", "Kiali before 1.15.1 came with a secret in its settings, the same for everybody."),
    forge=signed_with_the_guess,
    rings=(Algorithm.HS256,),
    secret=WORDS[-1],
)
