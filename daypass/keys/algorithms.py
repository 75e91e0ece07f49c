"""The signature algorithms, and the sizes of their keys and signatures (RFC 7518 section 3, RFC 8037)."""

from enum import StrEnum

RSA_BITS = 3072  # 128-bit strength, NIST SP 800-57 table 2
RSA_EXPONENT = 65537


class Algorithm(StrEnum):
    """Every signature algorithm that Daypass knows. The lab uses all of them, signing keys SIGNING_ALGORITHMS only."""

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


SIGNING_ALGORITHMS = (
    Algorithm.HS256,
    Algorithm.HS384,
    Algorithm.HS512,
    Algorithm.RS256,
    Algorithm.PS256,
    Algorithm.ES256,
    Algorithm.EDDSA,
)
SIGNATURE_BITS = {
    Algorithm.HS256: 256,
    Algorithm.HS384: 384,
    Algorithm.HS512: 512,
    Algorithm.ES256: 512,
    Algorithm.EDDSA: 512,
}
SECRET_BYTES = {Algorithm.HS256: 32, Algorithm.HS384: 48, Algorithm.HS512: 64}  # minimum (RFC 7518 section 3.2)
ALGORITHM_MEANINGS = {
    Algorithm.HS256: "Signed with HMAC and SHA-256",
    Algorithm.HS384: "Signed with HMAC and SHA-384",
    Algorithm.HS512: "Signed with HMAC and SHA-512",
    Algorithm.RS256: "Signed with RSA (PKCS #1 v1.5) and SHA-256",
    Algorithm.RS384: "Signed with RSA (PKCS #1 v1.5) and SHA-384",
    Algorithm.RS512: "Signed with RSA (PKCS #1 v1.5) and SHA-512",
    Algorithm.PS256: "Signed with RSA-PSS and SHA-256",
    Algorithm.ES256: "Signed with ECDSA on the curve P-256 and SHA-256",
    Algorithm.ES384: "Signed with ECDSA on the curve P-384 and SHA-384",
    Algorithm.EDDSA: "Signed with Ed25519",
}


def is_shared(algorithm: Algorithm) -> bool:
    """Whether signer and verifier share one secret, instead of holding the two halves of a key pair."""
    return algorithm in SECRET_BYTES


def signing_algorithm(name: str) -> Algorithm:
    """Return the algorithm with this name if signing keys may have it. Raises ValueError otherwise."""
    if name not in SIGNING_ALGORITHMS:
        raise ValueError(f"{name!r} is not an algorithm for signing keys")
    return Algorithm(name)
