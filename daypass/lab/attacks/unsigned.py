"""Attacks without a signature, or with the signature of another token."""

from daypass.keys.algorithms import Algorithm
from daypass.lab.attacks.attack import Attack, Defence, Reference
from daypass.lab.attacks.forging import Target, part, part_bytes

NONE_SPELLINGS = ("None", "NONE", "nOnE", "none ", "n\u043ene")  # the last with a Cyrillic o
OWN_ALGORITHM = Defence("tokens.codec._key", 'if header["alg"] != key.algorithm.value:')
SIGNATURE = Defence("tokens.codec._verify", "ring.verifier(key.kid),\nalgorithms=[key.algorithm.value],")
SHAPE = Defence("tokens.codec.COMPACT_FORM", 'COMPACT_FORM = re.compile(r"[A-Za-z0-9_-]+(?:\\.[A-Za-z0-9_-]+){2}")')


def truncated_signatures(target: Target) -> list[str]:
    """The token with only 1, 8 or 0 bytes of its signature."""
    signing_input, signature = target.token.rpartition(".")[0], part_bytes(target.parts[2])
    return [f"{signing_input}.{part(signature[:length])}" for length in (1, 8, 0)]


def with_extra_role(target: Target) -> dict[str, object]:
    """The claims with one more role: `admin`, or `root` if the account is an admin already."""
    roles = target.payload.get("roles", [])
    return target.payload | {"roles": [*roles, "root" if "admin" in roles else "admin"]}


NONE = Attack(
    name="none",
    title="No signature at all",
    usual_name="alg none",
    hope="The gate reads the algorithm from the token, finds “none”, and checks nothing.",
    request_label="alg: none",
    finding_label="no signature",
    why="A token has three parts, and none of them may be empty. Nothing in its header can change that.",
    defence=SHAPE,
    reference=Reference("CVE-2021-22160", "Apache Pulsar accepted tokens whose header said “none”."),
    forge=lambda target: [target.unsigned(header=target.header | {"alg": "none"}, payload=with_extra_role(target))],
)

NONE_VARIANTS = Attack(
    name="none-variants",
    title="“None” in other spellings",
    usual_name="alg none, other spellings",
    hope="The gate rejects “none”, but not “None”, “nOnE”, or “none” with a Cyrillic o.",
    request_label="alg: None",
    finding_label="not for this key",
    why="There is no block list. Each key has exactly one algorithm, and the header must name that one.",
    defence=OWN_ALGORITHM,
    reference=Reference("RFC 8725 section 3.1", "Allow algorithms by name. Block lists have let “nonE” through."),
    forge=lambda target: [
        target.edited(header=target.header | {"alg": spelling}, payload=with_extra_role(target))
        for spelling in NONE_SPELLINGS
    ],
)

EDITED = Attack(
    name="edited-payload",
    title="A better role",
    usual_name="signature not verified",
    hope="The gate decodes the claims and never checks the signature.",
    request_label="one more role",
    finding_label="wrong signature",
    why="The signature was made for the original text. A difference of one bit is enough to make it invalid.",
    defence=SIGNATURE,
    reference=Reference(
        "RFC 8725 section 3.3", "Verify every signature. Programs that only decode tokens are common, but share no CVE."
    ),
    forge=lambda target: [target.edited(payload=with_extra_role(target))],
)

CUT = Attack(
    name="cut-signature",
    title="A truncated signature",
    usual_name="signature truncation",
    hope="The gate compares only the bytes it gets: one byte is right in 1 of 256 tries.",
    request_label="a short signature",
    finding_label="wrong signature",
    why="The signature is always compared as a whole, in constant time.",
    defence=SIGNATURE,
    reference=Reference(
        "CVE-2020-28042", "ServiceStack before 5.9.2 compared only the bytes that it got, even if there were none."
    ),
    forge=truncated_signatures,
)

PSYCHIC = Attack(
    name="psychic-signature",
    title="A signature of zeros",
    usual_name="psychic signatures",
    hope="With r and s both zero, the ECDSA equation holds for any text.",
    request_label="r = 0, s = 0",
    finding_label="wrong signature",
    why="The library that verifies it (cryptography, on OpenSSL) rejects zeros and other numbers out of range.",
    defence=SIGNATURE,
    reference=Reference("CVE-2022-21449", "Java 15 to 18 accepted such “psychic signatures”."),
    forge=lambda target: [f"{target.parts[0]}.{part(with_extra_role(target))}.{part(bytes(64))}"],
    rings=(Algorithm.ES256,),
)
