"""Recover an RSA public key that nobody published, from two signatures (RFC 8017 sections 8.2 and 9.2).

A signature s of the encoded message m satisfies s^e = m modulo n, so the modulus n divides s^e - m. Two such numbers
share hardly any other divisor. With the usual exponent 65537 they have 200 million bits and the calculation takes
minutes, with the exponent 3 it takes milliseconds.
"""

import hashlib
import math

from cryptography.hazmat.primitives.asymmetric import rsa

from daypass.lab.attacks.forging import part_bytes

EXPONENT = 3
SHA256_DIGEST_INFO = bytes.fromhex("3031300d060960864801650304020105000420")
MAX_COFACTOR = 100_000  # two multiples of n share a larger factor once in a million times


def recover(first: str, second: str) -> rsa.RSAPublicKey | None:
    """The public key that verifies two RS256 tokens, or None if its exponent is not EXPONENT."""
    bits = 8 * len(part_bytes(first.rpartition(".")[2]))
    modulus = _without_cofactor(math.gcd(_multiple(first), _multiple(second)), bits)
    return rsa.RSAPublicNumbers(EXPONENT, modulus).public_key() if modulus.bit_length() == bits else None


def _multiple(token: str) -> int:
    """A multiple of the modulus: the signature to the power of the exponent, minus the message that it encodes."""
    signing_input, _, signature = token.rpartition(".")
    raw = part_bytes(signature)
    power: int = int.from_bytes(raw, "big") ** EXPONENT
    return power - encoded_message(signing_input, len(raw))


def encoded_message(signing_input: str, size: int) -> int:
    """The number that an RS256 signature of `size` bytes encodes (EMSA-PKCS1-v1_5). Anyone can compute it."""
    hashed = SHA256_DIGEST_INFO + hashlib.sha256(signing_input.encode()).digest()
    return int.from_bytes(b"\0\1" + b"\xff" * (size - len(hashed) - 3) + b"\0" + hashed, "big")


def _without_cofactor(multiple: int, bits: int) -> int:
    """Divide by small factors until the number has as many bits as the modulus. The modulus itself has none."""
    for divisor in range(2, MAX_COFACTOR):
        while multiple.bit_length() > bits and multiple % divisor == 0:
            multiple //= divisor
        if multiple.bit_length() <= bits:
            break
    return multiple
