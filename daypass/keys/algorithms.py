"""The signature algorithms, and the sizes of their keys and signatures (RFC 7518 section 3, RFC 8037)."""

from enum import StrEnum

RSA_BITS = 3072  # 128-bit strength, NIST SP 800-57 table 2
RSA_EXPONENT = 65537


class Algorithm(StrEnum):
    """The algorithms that a key may have (RFC 7518, RFC 8037)."""

    HS256 = "HS256"
    HS384 = "HS384"
    HS512 = "HS512"
    RS256 = "RS256"
    PS256 = "PS256"
    ES256 = "ES256"
    EDDSA = "EdDSA"


SIGNATURE_BITS = {
    Algorithm.HS256: 256,
    Algorithm.HS384: 384,
    Algorithm.HS512: 512,
    Algorithm.ES256: 512,
    Algorithm.EDDSA: 512,
}
SECRET_BYTES = {Algorithm.HS256: 32, Algorithm.HS384: 48, Algorithm.HS512: 64}
