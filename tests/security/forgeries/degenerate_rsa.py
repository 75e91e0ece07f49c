"""RSA signatures that a faulty verification accepts (RFC 8017 section 8.2.

Bleichenbacher 2006).
"""

import hashlib
import secrets
from collections.abc import Iterator

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from tests.security.forging import Forgery, Target, row

DIGEST_INFO = {  # the bytes before the hash (RFC 8017 section 9.2, note 1)
    "sha256": bytes.fromhex("3031300d060960864801650304020105000420"),
    "sha384": bytes.fromhex("3041300d060960864801650304020205000430"),
    "sha512": bytes.fromhex("3051300d060960864801650304020305000440"),
    "sha1": bytes.fromhex("3021300906052b0e03021a05000414"),
    "md5": bytes.fromhex("3020300c06082a864886f70d020505000410"),
}
WITHOUT_NULL = bytes.fromhex("302f300b0609608648016503040201" + "0420")
BER_LENGTH = bytes.fromhex("308131300d060960864801650304020105000420")


@row(28, "degenerate-rsa-signature", ("RS256",))
def degenerate_rsa_signature(target: Target) -> Iterator[Forgery]:
    modulus, size = _modulus(target)
    signature = int.from_bytes(target.signature, "big")
    encoded = int.from_bytes(_with_padding(size, DIGEST_INFO["sha256"] + _hash(target)), "big")
    low_cube = _cube_root(encoded)
    garbage = bytes.fromhex("0001ffffffffffffffff00") + DIGEST_INFO["sha256"] + _hash(target)
    high_cube = _cube_root(int.from_bytes(garbage.ljust(size, b"\xff"), "big"))
    numbers = {
        "0": 0,
        "1": 1,
        "2": 2,
        "n-1": modulus - 1,
        "n": modulus,
        "n+1": modulus + 1,
        "most": (1 << size * 8) - 1,
        "encoded-message": encoded,
        "n-minus-s": modulus - signature,
        "cube-root": low_cube,
        "cube-root-with-garbage": high_cube,
    }
    for name, number in numbers.items():
        yield Forgery(name, target.with_signature(number.to_bytes(size, "big")))
    yield Forgery("s-plus-n", target.with_signature((signature + modulus).to_bytes(size + 1, "big")))
    yield Forgery("zero-before", target.with_signature(b"\0" + target.signature))
    yield Forgery("zero-behind", target.with_signature(target.signature + b"\0"))
    yield Forgery("one-byte", target.with_signature(b"\0"))
    yield Forgery("one-byte-less", target.with_signature(target.signature[1:]))
    yield Forgery("twice", target.with_signature(target.signature * 2))
    yield Forgery("little-endian", target.with_signature(target.signature[::-1]))


@row(29, "rsa-padding-variant", ("RS256",))
def rsa_padding_variant(target: Target) -> Iterator[Forgery]:
    """(K) Each message is raised to the private exponent: only padding is wrong."""
    _, size = _modulus(target)
    info = DIGEST_INFO["sha256"] + _hash(target)
    genuine = _with_padding(size, info)
    messages = {
        "garbage-behind": _with_short_padding(size, 8, info),
        "garbage-behind-no-padding": _with_short_padding(size, 0, info),
        "garbage-in-parameters": _with_padding(size, BER_LENGTH + _hash(target)),
        "null-left-out": _with_padding(size, WITHOUT_NULL + _hash(target)),
        "block-type-2": genuine[:1] + b"\x02" + genuine[2:],
        "block-type-0": bytes(size - len(info)) + info,
        "first-byte-1": b"\x01" + genuine[1:],
        "padding-of-zeros": b"\0\x01" + bytes(size - len(info) - 2) + info,
        "padding-of-noise": b"\0\x01" + _noise(size - len(info) - 3) + b"\0" + info,
        "no-separator": b"\0\x01" + b"\xff" * (size - len(info) - 2) + info,
        "hash-without-info": _with_padding(size, _hash(target)),
        "info-twice": _with_padding(size, info + info),
        "hash-cut": _with_padding(size, info[:-1]),
        "hash-alone": _hash(target).rjust(size, b"\0"),
    }
    for name in ("sha1", "md5", "sha384", "sha512"):
        messages[f"hash-{name}"] = _with_padding(size, DIGEST_INFO[name] + _hash(target, name))
        messages[f"sha256-said-to-be-{name}"] = _with_padding(size, DIGEST_INFO[name] + _hash(target))
    for name, message in messages.items():
        yield Forgery(name, target.with_signature(_rsa_raw(target, message)))
    for salt in (0, 20, 32, size - 34):
        yield Forgery(f"pss-salt-{salt}", target.with_signature(_pss(target, salt)))


def standard_signature(target: Target) -> bytes:
    """A signature with correct padding, to prove that the code can sign."""
    _, size = _modulus(target)
    return _rsa_raw(target, _with_padding(size, DIGEST_INFO["sha256"] + _hash(target)))


def _private(target: Target) -> rsa.RSAPrivateKey:
    if not isinstance(target.key.private, rsa.RSAPrivateKey):
        raise TypeError("not an RSA key")
    return target.key.private


def _modulus(target: Target) -> tuple[int, int]:
    private = _private(target)
    return private.public_key().public_numbers().n, private.key_size // 8


def _hash(target: Target, name: str = "sha256") -> bytes:
    return hashlib.new(name, ".".join(target.parts[:2]).encode()).digest()


def _with_padding(size: int, info: bytes) -> bytes:
    """EMSA-PKCS1-v1_5 padding around any content."""
    return b"\0\x01" + b"\xff" * (size - len(info) - 3) + b"\0" + info


def _with_short_padding(size: int, ones: int, info: bytes) -> bytes:
    """The same with too little padding, filled up with noise at the end."""
    start = b"\0\x01" + b"\xff" * ones + b"\0" + info
    return start + _noise(size - len(start))


def _noise(length: int) -> bytes:
    return secrets.token_bytes(length).replace(b"\0", b"\1")


def _rsa_raw(target: Target, message: bytes) -> bytes:
    """The message to the private exponent, by CRT (RFC 8017 section 5.1.2)."""
    numbers, number = _private(target).private_numbers(), int.from_bytes(message, "big")
    first, second = pow(number, numbers.dmp1, numbers.p), pow(number, numbers.dmq1, numbers.q)
    root = second + (first - second) * numbers.iqmp % numbers.p * numbers.q
    return root.to_bytes(len(message), "big")


def _pss(target: Target, salt: int) -> bytes:
    scheme = padding.PSS(padding.MGF1(hashes.SHA256()), salt)
    return _private(target).sign(".".join(target.parts[:2]).encode(), scheme, hashes.SHA256())


def _cube_root(number: int) -> int:
    low, high = 0, 1 << (number.bit_length() // 3 + 1)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if middle**3 <= number else (low, middle - 1)
    return low
