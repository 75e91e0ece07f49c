"""The algorithms of the lab (RFC 7518 section 3, RFC 8037), and the kind of key that each one needs."""

from enum import StrEnum


class Algorithm(StrEnum):
    """Every algorithm that the lab signs and verifies with. The app itself has a list of its own."""

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
    """What a key is; the value is its name in words."""

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
SECRET_BYTES = {Algorithm.HS256: 32, Algorithm.HS384: 48, Algorithm.HS512: 64}  # at least (RFC 7518 section 3.2)
MEANINGS = {
    Algorithm.HS256: "Signed by HMAC with SHA-256: one secret signs and verifies",
    Algorithm.HS384: "Signed by HMAC with SHA-384: one secret signs and verifies",
    Algorithm.HS512: "Signed by HMAC with SHA-512: one secret signs and verifies",
    Algorithm.RS256: "Signed by RSA, PKCS #1 v1.5, with SHA-256",
    Algorithm.RS384: "Signed by RSA, PKCS #1 v1.5, with SHA-384",
    Algorithm.RS512: "Signed by RSA, PKCS #1 v1.5, with SHA-512",
    Algorithm.PS256: "Signed by RSA-PSS with SHA-256",
    Algorithm.ES256: "Signed by ECDSA on P-256 with SHA-256",
    Algorithm.ES384: "Signed by ECDSA on P-384 with SHA-384",
    Algorithm.EDDSA: "Signed by Ed25519",
}


def is_shared(algorithm: Algorithm) -> bool:
    """Whether signer and verifier share one secret, rather than each having one half of a key pair."""
    return KINDS[algorithm] is Kind.SHARED
