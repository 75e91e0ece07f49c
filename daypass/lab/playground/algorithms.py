"""The algorithms of the lab (RFC 7518 section 3, RFC 8037), and the kind of key that each needs."""

from enum import StrEnum


class Algorithm(StrEnum):
    """The algorithms that the lab offers. The app itself has its own list."""

    HS256 = "HS256"
    HS384 = "HS384"
    HS512 = "HS512"
    RS256 = "RS256"
    RS384 = "RS384"
    RS512 = "RS512"
    PS256 = "PS256"
    ES256 = "ES256"
    ES384 = "ES384"
    EDDSA = "EdDSA"


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
SECRET_BYTES = {Algorithm.HS256: 32, Algorithm.HS384: 48, Algorithm.HS512: 64}  # minimum (RFC 7518 section 3.2)
MEANINGS = {
    Algorithm.HS256: "Signed with HMAC and SHA-256: the same secret signs and verifies",
    Algorithm.HS384: "Signed with HMAC and SHA-384: the same secret signs and verifies",
    Algorithm.HS512: "Signed with HMAC and SHA-512: the same secret signs and verifies",
    Algorithm.RS256: "Signed with RSA (PKCS #1 v1.5) and SHA-256",
    Algorithm.RS384: "Signed with RSA (PKCS #1 v1.5) and SHA-384",
    Algorithm.RS512: "Signed with RSA (PKCS #1 v1.5) and SHA-512",
    Algorithm.PS256: "Signed with RSA-PSS and SHA-256",
    Algorithm.ES256: "Signed with ECDSA on the curve P-256 and SHA-256",
    Algorithm.ES384: "Signed with ECDSA on the curve P-384 and SHA-384",
    Algorithm.EDDSA: "Signed with Ed25519",
}


def is_shared(algorithm: Algorithm) -> bool:
    """Whether one secret both signs and verifies, rather than a key pair."""
    return KINDS[algorithm] is Kind.SHARED
