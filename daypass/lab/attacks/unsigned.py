"""Attacks that do without a signature, or with one that was made for something else."""

from daypass.keys.algorithms import Algorithm
from daypass.lab.attacks.attack import Attack, Defence, Reference
from daypass.lab.attacks.forging import Target, part, unpart

SPELLINGS = ("None", "NONE", "nOnE", "none ", "n\u043ene")  # the last with a Cyrillic o
OWN_ALGORITHM = Defence("tokens.codec._key", 'if header["alg"] != key.algorithm.value:')
SIGNATURE = Defence("tokens.codec._verify", "ring.verifier(key.kid),\nalgorithms=[key.algorithm.value],")
SHAPE = Defence("tokens.codec.COMPACT_FORM", 'COMPACT_FORM = re.compile(r"[A-Za-z0-9_-]+(?:\\.[A-Za-z0-9_-]+){2}")')


def cut(target: Target) -> list[str]:
    """The token with a byte of its signature left, with eight, with none."""
    text, signature = target.token.rpartition(".")[0], unpart(target.parts[2])
    return [f"{text}.{part(signature[:length])}" for length in (1, 8, 0)]


def admin(target: Target) -> dict[str, object]:
    """The claims with a better role; one that its holder has not, whoever that is."""
    roles = target.payload["roles"]
    return target.payload | {"roles": [*roles, "root" if "admin" in roles else "admin"]}


NONE = Attack(
    name="none",
    title="No signature at all",
    hope="The gate reads from the token how to check it, finds “none”, and checks nothing.",
    says="alg: none",
    finds="a part missing",
    why="A token here has three parts, and none of them is empty. No word in it can change that.",
    defence=SHAPE,
    seen=Reference("CVE-2021-22160", "Apache Pulsar took tokens whose header said “none”."),
    forge=lambda target: [target.unsigned(header=target.header | {"alg": "none"}, payload=admin(target))],
)

SPELT = Attack(
    name="spelt-none",
    title="None, in other letters",
    hope="Somebody has forbidden the word “none”, and nobody “None”, “nOnE” or “none” with a foreign o.",
    says="alg: None",
    finds="not for this key",
    why="Nothing is forbidden by name. A key says which one algorithm it is for, and the header has to name that.",
    defence=OWN_ALGORITHM,
    seen=Reference("RFC 8725 section 3.1", "Say what is allowed: lists of what is not have let “nonE” pass."),
    forge=lambda target: [
        target.kept(header=target.header | {"alg": spelling}, payload=admin(target)) for spelling in SPELLINGS
    ],
)

EDITED = Attack(
    name="edited-payload",
    title="A better role",
    hope="Nobody compares the text with the signature.",
    says="one more role",
    finds="does not fit",
    why="The signature was made for other text. One bit of difference is enough.",
    defence=SIGNATURE,
    seen=Reference(
        "RFC 8725 section 3.3", "Programs that decode a token, and forget to verify it, have no CVE in common."
    ),
    forge=lambda target: [target.kept(payload=admin(target))],
)

CUT = Attack(
    name="cut-signature",
    title="A signature cut off",
    hope="What is left of the signature is compared with as much of the right one: of single bytes, one in 256 fits.",
    says="a short signature",
    finds="does not fit",
    why="The whole signature is computed and the whole of it compared, in constant time.",
    defence=SIGNATURE,
    seen=Reference(
        "CVE-2020-28042", "ServiceStack before 5.9.2 compared as much as there was, and of nothing nothing."
    ),
    forge=cut,
)

PSYCHIC = Attack(
    name="psychic-signature",
    title="A signature of nothing but zeros",
    hope="The formula of ECDSA holds for zeros whatever the text is, if nobody asks whether the numbers may be zero.",
    says="r = 0, s = 0",
    finds="no signature",
    why="The library that computes it (cryptography, on OpenSSL) refuses numbers that are out of range.",
    defence=SIGNATURE,
    seen=Reference("CVE-2022-21449", "Java 15 to 18 took them: “psychic signatures”."),
    forge=lambda target: [f"{target.parts[0]}.{part(admin(target))}.{part(bytes(64))}"],
    rings=(Algorithm.ES256,),
)
