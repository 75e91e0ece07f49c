"""Headers that ask for more than a signature check; most are signed by us (K)."""

import hashlib
import zlib
from collections.abc import Iterator

from daypass.lab.attacks.forging import part, to_json
from tests.security.forging import Forgery, Target, row, sign


@row(24, "crit")
def crit(target: Target) -> Iterator[Forgery]:
    cases: dict[str, object] = {
        "unknown": ["unheard-of"],
        "known": ["exp"],
        "b64": ["b64"],
        "empty": [],
        "text": "exp",
        "numbers": [1, 2],
        "null": None,
        "object": {},
        "nested": [["exp"]],
        "twice": ["b64", "b64"],
        "alg": ["alg"],
    }
    for name, value in cases.items():
        header = target.header | {"crit": value}
        yield Forgery(f"{name}-signed", target.signed(header))
        yield Forgery(f"{name}-member-present-signed", target.signed(header | {"unheard-of": 1, "exp": 1, "b64": True}))
        yield Forgery(f"{name}-signature-kept", target.with_kept_signature(header))


@row(25, "payload-not-encoded")
def payload_not_encoded(target: Target) -> Iterator[Forgery]:
    for name, more in {"without-crit": {}, "with-crit": {"crit": ["b64"]}}.items():
        for value in (False, None, 0, "false"):
            header = target.header | {"b64": value} | more
            yield Forgery(f"b64-{value}-{name}", target.signed(header))
            yield Forgery(f"b64-{value}-{name}-detached", _detached(target, header))
        header = target.header | {"b64": False} | more
        yield Forgery(f"plain-{name}", target.signed_text(f"{part(header)}.{to_json(target.payload).decode()}"))
    yield Forgery("detached", _detached(target, target.header))


def _detached(target: Target, header: object) -> str:
    """(K) A token whose payload is signed without encoding and not sent."""
    message = f"{part(header)}.".encode() + to_json(target.payload)
    return f"{part(header)}..{part(sign(target.key.algorithm, target.key.private, message))}"


@row(37, "billion-hashes")
def billion_hashes(target: Target) -> Iterator[Forgery]:
    for name, rounds in {"2-31": 2**31, "2-62": 2**62, "negative": -1, "zero": 0}.items():
        for alg in ("PBES2-HS256+A128KW", "PBES2-HS512+A256KW"):
            wants = {"alg": alg, "enc": "A128CBC-HS256", "p2s": part(b"salt salt salt"), "p2c": rounds}
            sealed = [part(bytes(40)), part(bytes(16)), part(bytes(48)), part(bytes(16))]
            yield Forgery(f"{name}-{alg}-jwe", ".".join([part(wants | {"kid": target.key.kid}), *sealed]))
            yield Forgery(f"{name}-{alg}-jws", target.with_kept_signature(target.header | wants))
        yield Forgery(f"{name}-signed", target.signed(target.header | {"p2s": part(b"salt"), "p2c": rounds}))


@row(38, "zip-bomb")
def zip_bomb(target: Target) -> Iterator[Forgery]:
    bomb = zlib.compress(bytes(2_000_000), 9)[2:-4]
    genuine = zlib.compress(to_json(target.payload), 9)[2:-4]
    for name, payload in {"bomb": bomb, "claims": genuine}.items():
        for method in ("DEF", "GZ", "none", ""):
            header = target.header | {"zip": method}
            yield Forgery(f"{name}-{method}-signed", target.signed(header, payload))
            yield Forgery(f"{name}-{method}-signature-kept", target.with_kept_signature(header, payload))
        yield Forgery(f"{name}-unsaid-signed", target.signed(payload=payload))
    yield Forgery("not-zipped-at-all", target.signed(target.header | {"zip": "DEF"}))
    jwe = {"alg": "dir", "enc": "A128GCM", "zip": "DEF", "kid": target.key.kid}
    yield Forgery("bomb-jwe", ".".join([part(jwe), "", part(bytes(12)), part(bomb), part(bytes(16))]))


@row(39, "token-in-a-token")
def token_in_a_token(target: Target) -> Iterator[Forgery]:
    unsigned = target.unsigned(target.header | {"alg": "none"})
    for content in ("JWT", "jwt", "application/jwt", "json", None):
        header = target.header | {"cty": content}
        yield Forgery(f"cty-{content}-claims", target.signed(header))
        yield Forgery(f"cty-{content}-token", target.signed(header, target.token.encode()))
        yield Forgery(f"cty-{content}-token-as-text", target.signed(header, target.token))
        yield Forgery(f"cty-{content}-unsigned-token", target.signed(header, unsigned.encode()))
    yield Forgery("token", target.signed(payload=target.token.encode()))
    yield Forgery("token-as-text", target.signed(payload=target.token))
    yield Forgery("unsigned-token", target.signed(payload=unsigned.encode()))
    none = target.header | {"alg": "none"}
    yield Forgery("token-in-an-unsigned-one", target.unsigned(none, target.token.encode()))
    yield Forgery("token-in-an-unsigned-one-cty", target.unsigned(none | {"cty": "JWT"}, target.token.encode()))


@row(57, "malformed-header")
def malformed_header(target: Target) -> Iterator[Forgery]:
    genuine, kid = to_json(target.header), target.key.kid
    yaml = f"alg: HS256\ntyp: JWT\nkid: {kid}\n"
    touch = f"touch {target.canary}"
    headers: dict[str, bytes] = {
        "null": b"null",
        "true": b"true",
        "number": b"1",
        "text": b'"HS256"',
        "list": b"[]",
        "list-of-pairs": to_json([list(pair) for pair in target.header.items()]),
        "header-in-a-list": b"[" + genuine + b"]",
        "empty": b"",
        "space": b" ",
        "truncated": genuine[:-1],
        "trailing-junk": genuine + b"x",
        "two-objects": genuine + genuine,
        "single-quotes": genuine.replace(b'"', b"'"),
        "trailing-comma": genuine.replace(b"}", b",}"),
        "comment": genuine + b"/* */",
        "invalid-utf-8": genuine.replace(b"JWT", b"JW\xff"),
        "overlong-utf-8": genuine.replace(b"JWT", b"\xc1\x8aWT"),
        "huge-number": genuine.replace(b"}", b',"x":' + b"9" * 1500 + b"}"),
        "nan": genuine.replace(b"}", b',"x":NaN}'),
        "infinity": genuine.replace(b"}", b',"x":-Infinity}'),
        "too-large-a-float": genuine.replace(b"}", b',"x":1e400}'),
        "250-members": to_json(target.header | {f"x{number}": 0 for number in range(250)}),
        "yaml": yaml.encode(),
        "yaml-tag": f"!!python/object/apply:os.system ['{touch}']".encode(),
        "pickle": f"cos\nsystem\n(S'{touch}'\ntR.".encode(),
        "xml": b"<alg>HS256</alg>",
        "digest": hashlib.sha256(genuine).digest(),
    }
    for name, header in headers.items():
        yield Forgery(f"{name}-signed", target.signed(header))
        yield Forgery(f"{name}-signature-kept", target.with_kept_signature(header))
