"""Degenerate elliptic-curve signatures (CVE-2022-21449)."""

from collections.abc import Iterator
from itertools import product

from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from tests.security.forging import Forgery, Target, ecdsa_signature, row

P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
P256_PRIME = 0xFFFFFFFF00000001000000000000000000000000FFFFFFFFFFFFFFFFFFFFFFFF
P256_X = 0x6B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C296  # of the base point
NUMBERS = {
    "0": 0,
    "1": 1,
    "n-1": P256_ORDER - 1,
    "n": P256_ORDER,
    "n+1": P256_ORDER + 1,
    "p": P256_PRIME,
    "base": P256_X,
    "most": 2**256 - 1,
}

ED25519_ORDER = 2**252 + 27742317777372353535851937790883648493
ED25519_PRIME = 2**255 - 19
SMALL_ORDER = {
    "identity": "0100000000000000000000000000000000000000000000000000000000000000",
    "order-2": "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "order-4": "0000000000000000000000000000000000000000000000000000000000000000",
    "order-4-negative": "0000000000000000000000000000000000000000000000000000000000000080",
    "order-8-a": "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
    "order-8-b": "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
    "order-8-c": "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
    "order-8-d": "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
    "identity-not-canonical": "0100000000000000000000000000000000000000000000000000000000000080",
    "identity-above-p": "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "order-4-above-p": "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "not-a-point": "0200000000000000000000000000000000000000000000000000000000000000",
    "all-ones": "ff" * 32,
}


@row(26, "psychic-signature", ("ES256",))
def psychic_signature(target: Target) -> Iterator[Forgery]:
    for (r_name, r), (s_name, s) in product(NUMBERS.items(), repeat=2):
        yield Forgery(f"r-{r_name}-s-{s_name}", target.with_signature(ecdsa_signature(r, s)))
    yield Forgery("zeros-as-admin", target.with_signature(bytes(64), target.admin))
    yield Forgery("der-zero", target.with_signature(bytes.fromhex("3006020100020100")))
    yield Forgery("der-empty", target.with_signature(bytes.fromhex("3000")))
    yield Forgery("der-negative", target.with_signature(bytes.fromhex("30060201ff0201ff")))
    for size in (1, 2, 32, 63, 65, 96, 128):
        yield Forgery(f"{size}-zeros", target.with_signature(bytes(size)))


@row(27, "small-order-signature", ("EdDSA",))
def small_order_signature(target: Target) -> Iterator[Forgery]:
    scalars = {"0": 0, "1": 1, "l": ED25519_ORDER, "2l": 2 * ED25519_ORDER, "p": ED25519_PRIME, "most": 2**256 - 1}
    for (r_name, r), (s_name, s) in product(SMALL_ORDER.items(), scalars.items()):
        signature = bytes.fromhex(r) + s.to_bytes(32, "little")
        yield Forgery(f"r-{r_name}-s-{s_name}", target.with_signature(signature))
    yield Forgery("identity-as-admin", target.with_signature(b"\1" + bytes(63), target.admin))
    genuine_r, genuine_s = target.signature[:32], int.from_bytes(target.signature[32:], "little")
    for times in (1, 2, 3, 4, 7, 8, 14):
        twin = genuine_r + (genuine_s + times * ED25519_ORDER).to_bytes(32, "little")
        yield Forgery(f"s-plus-{times}-l", target.with_signature(twin))
    yield Forgery("s-negative", target.with_signature(genuine_r + (ED25519_ORDER - genuine_s).to_bytes(32, "little")))
    yield Forgery("s-top-bit", target.with_signature(target.signature[:-1] + bytes([target.signature[-1] | 0x80])))
    yield Forgery("r-sign-flipped", target.with_signature(_sign_flipped(genuine_r) + target.signature[32:]))
    yield Forgery("s-before-r", target.with_signature(target.signature[32:] + genuine_r))
    yield Forgery("s-big-endian", target.with_signature(genuine_r + target.signature[:31:-1]))


@row(31, "ecdsa-signature-encoding", ("ES256",))
def ecdsa_signature_encoding(target: Target) -> Iterator[Forgery]:
    r, s = int.from_bytes(target.signature[:32], "big"), int.from_bytes(target.signature[32:], "big")
    der = encode_dss_signature(r, s)
    zeros = bytes(32)
    encoded_differently = {
        "der": der,
        "der-with-sha256": der + b"\x01",
        "der-padded": der.ljust(96, b"\0"),
        "33-bytes-each": ecdsa_signature(r, s, 33),
        "48-bytes-each": ecdsa_signature(r, s, 48),
        "zeros-before": zeros + target.signature,
        "zeros-behind": target.signature + zeros,
        "zero-between": target.signature[:32] + b"\0" + target.signature[32:],
        "one-byte-more": target.signature + b"\0",
        "r-plus-n": ecdsa_signature(r + P256_ORDER, s, 33),
        "s-plus-n": ecdsa_signature(r, s + P256_ORDER, 33),
        "n-minus-r": ecdsa_signature(P256_ORDER - r, s),
        "s-before-r": ecdsa_signature(s, r),
        "little-endian": target.signature[31::-1] + target.signature[:31:-1],
        "r-only": target.signature[:32],
        "r-twice": ecdsa_signature(r, r),
        "in-hexadecimal": target.signature.hex().encode(),
        "in-digits": f"{r},{s}".encode(),
    }
    for name, signature in encoded_differently.items():
        yield Forgery(name, target.with_signature(signature))


def _sign_flipped(point: bytes) -> bytes:
    return point[:-1] + bytes([point[-1] ^ 0x80])
