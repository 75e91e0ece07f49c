"""Attacks in which the key ID leads the gate to a secret that the attacker knows."""

from daypass.lab.attacks.attack import Attack, Defence, Reference
from daypass.lab.attacks.forging import Target
from daypass.lab.attacks.unsigned import with_extra_role

IN_THE_RING = Defence("tokens.codec._key", 'key = ring.find(header["kid"]) if isinstance(header["kid"], str) else None')
PATH = "../../../../../../dev/null"
QUERY = "x' UNION SELECT 'known'; -- "


def with_known_secret(target: Target, secret: bytes, kid: str) -> str:
    """A token signed with the secret that the attacker expects the gate to find under this key ID."""
    return target.signed(secret, header={"alg": "HS256", "typ": "JWT", "kid": kid}, payload=with_extra_role(target))


FILE = Attack(
    name="kid-path",
    title="A file as the key",
    usual_name="kid injection: path",
    hope="The gate uses the key ID as a file name, and the attacker names an empty file.",
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
    usual_name="kid injection: SQL",
    hope="The gate pastes the key ID into an SQL query, which returns the attacker's key.",
    request_label="kid: ' UNION …",
    finding_label="unknown key",
    why="The key ID is looked up in the ring, in memory. It is never part of a query.",
    defence=IN_THE_RING,
    reference=Reference("RFC 8725 section 3.10", "Warns of SQL and LDAP injection through the key ID."),
    forge=lambda target: [with_known_secret(target, b"known", QUERY)],
)
