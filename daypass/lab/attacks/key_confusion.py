"""Attacks that use a public key as the secret of an HMAC signature."""

from collections.abc import Iterable

from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from daypass.keys.algorithms import Algorithm
from daypass.lab.attacks import recovered_key
from daypass.lab.attacks.attack import Attack, Reference
from daypass.lab.attacks.forging import Target
from daypass.lab.attacks.unsigned import OWN_ALGORITHM, with_extra_role

PEM_FORMATS = (PublicFormat.SubjectPublicKeyInfo, PublicFormat.PKCS1)


def public_as_secret(target: Target) -> list[str]:
    """Tokens signed with the public key's PEM text as the HMAC secret, with and without its final newline."""
    text = target.public_key()
    return _signed_with(target, (text, text.rstrip()))


def recovered_as_secret(target: Target) -> list[str]:
    """The same with a key calculated from two passes, in both PEM formats; an empty list if it can't be recovered."""
    another = target.issued(iat=target.payload["iat"] + 1)  # the attacker signs in twice
    key = recovered_key.recover(target.token, another)
    return [] if key is None else _signed_with(target, (key.public_bytes(Encoding.PEM, kind) for kind in PEM_FORMATS))


def _signed_with(target: Target, texts: Iterable[bytes]) -> list[str]:
    header, claims = target.header | {"alg": "HS256"}, with_extra_role(target)
    return [target.signed(text, header=header, payload=claims) for text in texts]


RSA = Attack(
    name="public-key-rs256",
    title="An RSA public key as the secret",
    usual_name="algorithm confusion",
    hope="The gate uses the RS256 public key, which anyone can get, as an HS256 secret.",
    request_label="signed with HS256",
    finding_label="RS256 only",
    why="Each key in the ring verifies one algorithm only. This one verifies RS256.",
    defence=OWN_ALGORITHM,
    reference=Reference("CVE-2015-9235", "jsonwebtoken for Node.js before 4.2.2 did this."),
    forge=public_as_secret,
    rings=(Algorithm.RS256,),
)

RECOVERED = Attack(
    name="recovered-key",
    title="A public key nobody published",
    usual_name="public key recovery",
    hope="The RS256 public key, calculated from two passes, works as the secret.",
    request_label="a calculated key",
    finding_label="RS256 only",
    why=(
        "The calculated key is the right one, but the gate never uses a public key as a secret. The key pair here has "
        "the exponent 3 instead of 65537, so that the calculation takes milliseconds and not minutes."
    ),
    defence=OWN_ALGORITHM,
    reference=Reference("CVE-2017-11424", "PyJWT before 1.5.1 took public keys in the format PKCS #1 as secrets."),
    forge=recovered_as_secret,
    rings=(Algorithm.RS256,),
    rsa_exponent=recovered_key.EXPONENT,
)

CURVE = Attack(
    name="public-key-es256",
    title="An EC public key as the secret",
    usual_name="algorithm confusion, ES256",
    hope="The library rejects public keys as secrets, but forgets elliptic curves.",
    request_label="signed with HS256",
    finding_label="ES256 only",
    why="No such list is needed. This key verifies ES256, and is never used with another algorithm.",
    defence=OWN_ALGORITHM,
    reference=Reference("CVE-2022-29217", "PyJWT before 2.4.0 had such a list, with gaps."),
    forge=public_as_secret,
    rings=(Algorithm.ES256, Algorithm.EDDSA),
)
