"""Genuine tokens with one part changed under the signature."""

import hashlib
import secrets
from collections.abc import Iterator

from daypass.lab.attacks.forging import part, to_json
from tests.security.forging import Forgery, Target, row

OTHER_ALGORITHMS = (
    *("HS256", "HS384", "HS512", "RS256", "RS384", "RS512", "PS256", "PS384", "PS512"),
    *("ES256", "ES384", "ES512", "ES256K", "EdDSA", "Ed25519", "Ed448", "HS1", "RS1"),
    *("hs256", "HS-256", "HmacSHA256", "SHA256", "dir", "A128KW"),
)
OTHER_ALGORITHMS_OF_OUR_KEY = {"HS256": ("HS384", "HS512"), "RS256": ("RS384", "RS512", "PS256", "PS384", "PS512")}


@row(5, "signature-damaged")
def signature_damaged(target: Target) -> Iterator[Forgery]:
    genuine, signature = target.token, target.signature
    yield Forgery("removed", genuine.rpartition(".")[0])
    for kept in (1, 2, len(target.parts[2]) // 2, len(target.parts[2]) - 4, len(target.parts[2]) - 1):
        yield Forgery(f"cut-to-{kept}", ".".join([*target.parts[:2], target.parts[2][:kept]]))
    for more in ("A", "AA", "AAAA", target.parts[2]):
        yield Forgery(f"lengthened-by-{len(more)}", genuine + more)
    changed = {
        "zeroed": bytes(len(signature)),
        "all-ones": b"\xff" * len(signature),
        "reversed": signature[::-1],
        "random": secrets.token_bytes(len(signature)),
        "halves-swapped": signature[len(signature) // 2 :] + signature[: len(signature) // 2],
        "first-byte-only": signature[:1] + bytes(len(signature) - 1),
        "in-hexadecimal": signature.hex().encode(),
        "encoded-twice": target.parts[2].encode(),
        "empty": b"",
    }
    for name, other in changed.items():
        yield Forgery(name, target.with_signature(other))
    yield Forgery("somebody-elses", ".".join([*target.parts[:2], target.admin_token.split(".")[2]]))
    for at in range(0, len(signature) * 8, len(signature) // 2 + 1):
        altered = bytearray(signature)
        altered[at // 8] ^= 1 << at % 8
        yield Forgery(f"bit-{at}-flipped", target.with_signature(bytes(altered)))


@row(6, "signature-without-a-key")
def signature_without_a_key(target: Target) -> Iterator[Forgery]:
    message = ".".join(target.parts[:2]).encode()
    inputs = {"parts": message, "payload": to_json(target.payload), "both": to_json(target.header) + b"."}
    for algorithm in ("sha256", "sha384", "sha512", "sha1", "md5"):
        for name, hashed in inputs.items():
            digest = hashlib.new(algorithm, hashed).digest()  # a forgery's checksum, not a protection
            yield Forgery(f"{algorithm}-of-{name}", target.with_signature(digest))


@row(7, "claims-changed")
def claims_changed(target: Target) -> Iterator[Forgery]:
    later = {name: target.payload[name] + 3600 for name in ("auth_time", "iat", "exp", "until")}
    others = {name: target.admin[name] for name in ("sub", "sid", "name", "roles")}
    for name, value in (later | others | {"iss": "https://evil.example", "aud": "setup"}).items():
        yield Forgery(name, target.with_kept_signature(payload=target.payload | {name: value}))
    yield Forgery("all-to-the-admins", target.with_kept_signature(payload=target.admin))
    yield Forgery("re-ordered", target.with_kept_signature(payload=dict(reversed(target.payload.items()))))
    yield Forgery("spaced-out", target.with_kept_signature(payload=to_json(target.payload).replace(b",", b", ")))
    altered = target.parts[1][:-2] + ("A" if target.parts[1][-2] != "A" else "B") + target.parts[1][-1]
    yield Forgery("one-character", ".".join([target.parts[0], altered, target.parts[2]]))


@row(8, "header-changed")
def header_changed(target: Target) -> Iterator[Forgery]:
    kid = target.key.kid
    headers: dict[str, object] = {
        "typ-lower-case": target.header | {"typ": "jwt"},
        "typ-other": target.header | {"typ": "at+jwt"},
        "typ-missing": {"alg": target.header["alg"], "kid": kid},
        "kid-other": target.header | {"kid": "0" * len(kid)},
        "kid-missing": {"alg": target.header["alg"], "typ": "JWT"},
        "extra-member": target.header | {"x": 1},
        "re-ordered": dict(reversed(target.header.items())),
        "spaced-out": to_json(target.header).replace(b",", b", "),
        "empty": {},
    }
    for name, header in headers.items():
        yield Forgery(name, target.with_kept_signature(header))
    for name in ("typ-lower-case", "typ-other", "typ-missing", "kid-other", "kid-missing", "extra-member", "empty"):
        yield Forgery(f"{name}-signed", target.signed(headers[name]))


@row(9, "alg-of-another-type")
def alg_of_another_type(target: Target) -> Iterator[Forgery]:
    own = target.key.algorithm.value
    for alg in OTHER_ALGORITHMS:
        if alg != own:
            yield Forgery(f"{alg}-signature-kept", target.with_kept_signature(target.header | {"alg": alg}))
            yield Forgery(f"{alg}-signed", target.signed(target.header | {"alg": alg}))
    for alg in OTHER_ALGORITHMS_OF_OUR_KEY.get(own, ()):
        yield Forgery(f"{alg}-signed-as-{alg}", target.signed_by(target.key.private, alg))
        yield Forgery(f"{own}-signed-as-{alg}", target.signed_by(target.key.private, alg, target.header))
    yield Forgery("signature-of-another-length", target.with_signature(target.signature + b"\0" * 32))
    yield Forgery("payload-as-signature", ".".join([*target.parts[:2], part(target.payload)]))
