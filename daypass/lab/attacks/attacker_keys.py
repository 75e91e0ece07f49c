"""Attacks that tell the gate which key to use."""

from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec

from daypass.lab.attacks.attack import Attack, Defence, Reference
from daypass.lab.attacks.forging import Target, part
from daypass.lab.attacks.unsigned import admin

HEADER = Defence("tokens.codec._key", 'if set(header) != HEADER_MEMBERS or header["typ"] != "JWT":')
IN_THE_RING = Defence("tokens.codec._key", 'key = ring.find(header["kid"]) if isinstance(header["kid"], str) else None')
URL = "https://attacker.example/keys.json"
PATH = "../../../../../../dev/null"
QUERY = "x' UNION SELECT 'known'; -- "


def with_own_key(target: Target, **members: object) -> str:
    """A token of a key pair that was made a moment ago; `jwk` among the members is its public half."""
    own = ec.generate_private_key(ec.SECP256R1())
    told = {name: _jwk(own) if name == "jwk" else value for name, value in members.items()}
    return target.signed(own, header={"alg": "ES256", "typ": "JWT"} | told, payload=admin(target))


def _jwk(own: ec.EllipticCurvePrivateKey) -> dict[str, Any]:
    """A public key of P-256 as RFC 7518 section 6.2 writes it."""
    numbers = own.public_key().public_numbers()
    x, y = (part(number.to_bytes(32, "big")) for number in (numbers.x, numbers.y))
    return {"kty": "EC", "crv": "P-256", "x": x, "y": y}


def with_known_secret(target: Target, secret: bytes, kid: str) -> str:
    """A token of a secret that the attacker knows the gate to find under this key id."""
    return target.signed(secret, header={"alg": "HS256", "typ": "JWT", "kid": kid}, payload=admin(target))


JWK = Attack(
    name="jwk",
    title="Bring your own key",
    hope="The gate trusts the key that travels in the token's own header.",
    says="its own key inside",
    finds="an odd header",
    why="Keys come from this site's ring. A header that has more than the three members that we write is not ours.",
    defence=HEADER,
    seen=Reference("CVE-2018-0114", "node-jose before 0.11.0 took the key from the token."),
    forge=lambda target: [with_own_key(target, kid=target.header["kid"], jwk=None)],
    tells="jwk",
)

JKU = Attack(
    name="jku",
    title="A key from elsewhere",
    hope="The gate fetches the keys from the address that the token names, which is the attacker's.",
    says="keys at an address",
    finds="an odd header",
    why="No address in a header is ever read, so the gate cannot be sent anywhere, inside your network or out.",
    defence=HEADER,
    seen=Reference("RFC 8725 section 3.10", "“Do not trust received claims”: an address in “jku” or “x5u” may be any."),
    forge=lambda target: [
        with_own_key(target, kid=target.header["kid"], jku=URL),
        with_own_key(target, kid=target.header["kid"], x5u=URL),
    ],
    tells="jku",
)

FILE = Attack(
    name="kid-path",
    title="A file as the key",
    hope="The key's id is the name of a file. The attacker names one whose content is known: here an empty one.",
    says="kid: ../dev/null",
    finds="no such key",
    why="A key's id is looked up in the ring, in memory. It never becomes a path.",
    defence=IN_THE_RING,
    seen=Reference("RFC 8725 section 3.10", "A key's id that goes into a look-up unchecked."),
    forge=lambda target: [with_known_secret(target, b"", PATH)],
)

SQL = Attack(
    name="kid-sql",
    title="A query as the key",
    hope="The key's id is pasted into a query, which then answers with a key of the attacker's choice.",
    says="kid: ' UNION …",
    finds="no such key",
    why="A key's id is looked up in the ring, in memory. It never becomes part of a query.",
    defence=IN_THE_RING,
    seen=Reference("RFC 8725 section 3.10", "It names SQL and LDAP injection by the key's id."),
    forge=lambda target: [with_known_secret(target, b"known", QUERY)],
)
