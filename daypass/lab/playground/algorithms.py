"""The kind of key that each algorithm needs."""

from enum import StrEnum

from daypass.keys.algorithms import Algorithm


class Kind(StrEnum):
    """The kind of a key; the value is its name in a sentence."""

    SHARED = "a secret"
    RSA = "an RSA key"
    P256 = "an EC key on the curve P-256"
    P384 = "an EC key on the curve P-384"
    ED25519 = "an Ed25519 key"


KINDS = {
    Algorithm.HS256: Kind.SHARED,
    Algorithm.HS384: Kind.SHARED,
    Algorithm.HS512: Kind.SHARED,
    Algorithm.RS256: Kind.RSA,
    Algorithm.RS384: Kind.RSA,
    Algorithm.RS512: Kind.RSA,
    Algorithm.PS256: Kind.RSA,
    Algorithm.ES256: Kind.P256,
    Algorithm.ES384: Kind.P384,
    Algorithm.EDDSA: Kind.ED25519,
}
