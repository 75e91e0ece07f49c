"""Attacks in which the token tells the gate which key to use."""

from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec

from daypass.lab.attacks.attack import Attack, Defence, Reference
from daypass.lab.attacks.forging import Target, part
from daypass.lab.attacks.unsigned import with_extra_role

HEADER = Defence("tokens.codec._key", 'if set(header) != HEADER_MEMBERS or header["typ"] != "JWT":')
IN_THE_RING = Defence("tokens.codec._key", 'key = ring.find(header["kid"]) if isinstance(header["kid"], str) else None')
URL = "https://attacker.example/keys.json"
PATH = "../../../../../../dev/null"
QUERY = "x' UNION SELECT 'known'; -- "


def with_own_key(target: Target, **members: object) -> str:
    """A token signed with a new key pair. If `jwk` is among the header members, it is set to the public key."""
    own = ec.generate_private_key(ec.SECP256R1())
    extra = {name: _jwk(own) if name == "jwk" else value for name, value in members.items()}
    return target.signed(own, header={"alg": "ES256", "typ": "JWT"} | extra, payload=with_extra_role(target))


def _jwk(own: ec.EllipticCurvePrivateKey) -> dict[str, Any]:
    """The public key, on the curve P-256, as a JWK (RFC 7518 section 6.2)."""
    numbers = own.public_key().public_numbers()
    x, y = (part(number.to_bytes(32, "big")) for number in (numbers.x, numbers.y))
    return {"kty": "EC", "crv": "P-256", "x": x, "y": y}


def with_known_secret(target: Target, secret: bytes, kid: str) -> str:
    """A token signed with the secret that the attacker expects the gate to find under this key ID."""
    return target.signed(secret, header={"alg": "HS256", "typ": "JWT", "kid": kid}, payload=with_extra_role(target))


JWK = Attack(
    name="jwk",
    title="Bring your own key",
    hope="The gate trusts the key in the token's own header.",
    request_label="brings its own key",
    finding_label="extra header",
    why="Keys come from the site's own ring only. A header with any member beyond “alg”, “typ” and “kid” is refused.",
    defence=HEADER,
    reference=Reference("CVE-2018-0114", "node-jose before 0.11.0 used the key in the token."),
    forge=lambda target: [with_own_key(target, kid=target.header["kid"], jwk=None)],
    revealing_member="jwk",
)

JKU = Attack(
    name="jku",
    title="A key from the attacker's server",
    hope="The gate downloads keys from the URL in the token, which is the attacker's.",
    request_label="links to its key",
    finding_label="extra header",
    why="The gate never fetches a URL from a header, so a token cannot make it send requests anywhere.",
    defence=HEADER,
    reference=Reference("RFC 8725 section 3.10", "“Do Not Trust Received Claims”: “jku” and “x5u” can point anywhere."),
    forge=lambda target: [
        with_own_key(target, kid=target.header["kid"], jku=URL),
        with_own_key(target, kid=target.header["kid"], x5u=URL),
    ],
    revealing_member="jku",
)

FILE = Attack(
    name="kid-path",
    title="A file as the key",
    hope="The gate uses the key ID as a file name. The attacker names a file with known content: here, an empty one.",
    request_label="kid: ../dev/null",
    finding_label="unknown key",
    why="The key ID is looked up in the ring, in memory. It is never used as a path.",
    defence=IN_THE_RING,
    reference=Reference("RFC 8725 section 3.10", "A key ID that is used in a lookup without a check."),
    forge=lambda target: [with_known_secret(target, b"", PATH)],
)

SQL = Attack(
    name="kid-sql",
    title="SQL injection in the key ID",
    hope="The gate pastes the key ID into an SQL query, which then returns a key of the attacker's choice.",
    request_label="kid: ' UNION …",
    finding_label="unknown key",
    why="The key ID is looked up in the ring, in memory. It is never part of a query.",
    defence=IN_THE_RING,
    reference=Reference("RFC 8725 section 3.10", "Warns of SQL and LDAP injection through the key ID."),
    forge=lambda target: [with_known_secret(target, b"known", QUERY)],
)
