"""Tokens signed by us (K) whose payload is malformed or ambiguous."""

import codecs
from collections.abc import Iterator

from daypass.lab.attacks.forging import part, to_json
from tests.security.forging import Forgery, Target, member, row

ENCODINGS = ("utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be", "utf-8-sig")


@row(53, "claim-twice")
def claim_twice(target: Target) -> Iterator[Forgery]:
    genuine = to_json(target.payload)
    for name, value in target.payload.items():
        ours, other = member(name, value), member(name, target.admin[name])
        assert ours in genuine
        for order, members in {"first": other + b"," + ours, "last": ours + b"," + other}.items():
            yield Forgery(f"{name}-other-{order}", target.signed(payload=genuine.replace(ours, members, 1)))
        escaped = rb'"\u%04x%s":' % (ord(name[0]), name[1:].encode()) + ours.partition(b":")[2]
        yield Forgery(f"{name}-escaped", target.signed(payload=genuine.replace(ours, ours + b"," + escaped, 1)))
    yield Forgery("inside-a-claim", target.signed(payload=genuine.replace(b"[]", b'[{"a":1,"a":2}]', 1)))


@row(54, "malformed-payload")
def malformed_payload(target: Target) -> Iterator[Forgery]:
    genuine, name = to_json(target.payload), target.payload["name"].encode()
    overlong = bytes([0xC0 | name[0] >> 6, 0x80 | name[0] & 0x3F]) + name[1:]
    payloads: dict[str, bytes] = {
        "null": b"null",
        "true": b"true",
        "number": b"1",
        "text": b'"claims"',
        "list": b"[]",
        "claims-in-a-list": b"[" + genuine + b"]",
        "pairs": to_json([list(pair) for pair in target.payload.items()]),
        "empty-object": b"{}",
        "space": b" ",
        "truncated": genuine[:-1],
        "half": genuine[: len(genuine) // 2],
        "trailing-junk": genuine + b"x",
        "trailing-nul": genuine + b"\0",
        "leading-nul": b"\0" + genuine,
        "two-objects": genuine + genuine,
        "two-lines": genuine + b"\n" + genuine,
        "comment": genuine + b"// done",
        "single-quotes": genuine.replace(b'"', b"'"),
        "trailing-comma": genuine[:-1] + b",}",
        "invalid-utf-8": genuine.replace(name, name + b"\xff", 1),
        "invalid-utf-8-behind": genuine + b"\xff",
        "cut-utf-8-behind": genuine + b"\xe2\x82",
        "overlong-utf-8": genuine.replace(name, overlong, 1),
        "surrogate-in-utf-8": genuine.replace(name, b"\xed\xa0\x80", 1),
        "form": b"sub=" + target.payload["sub"].encode(),
        "no-break-space-behind": genuine + b"\xc2\xa0",
    }
    for kind, payload in payloads.items():
        yield Forgery(kind, target.signed(payload=payload))


@row(55, "other-text-encoding")
def other_text_encoding(target: Target) -> Iterator[Forgery]:
    header, payload = to_json(target.header), to_json(target.payload)
    for encoding in ENCODINGS:
        encoded_differently = codecs.encode(payload.decode(), encoding)
        yield Forgery(f"payload-{encoding}", target.signed(payload=encoded_differently))
        yield Forgery(f"header-{encoding}", target.signed(codecs.encode(header.decode(), encoding)))


@row(56, "very-deep-json")
def very_deep_json(target: Target) -> Iterator[Forgery]:
    fits = target.max_payload_bytes() // 2 - 10
    for depth in (fits, 3500, 100_000):
        for kind, (start, end) in {"lists": (b"[", b"]"), "objects": (b'{"a":', b"}")}.items():
            nested = start * depth + b"0" + end * depth
            yield Forgery(f"{depth}-{kind}-payload-signed", target.signed(payload=nested))
            yield Forgery(f"{depth}-{kind}-header-signed", target.signed(nested))
            yield Forgery(f"{depth}-{kind}-never-closed-payload", target.signed(payload=start * depth))
            yield Forgery(f"{depth}-{kind}-never-closed-header", target.signed(start * depth))
    for claim in ("roles", "exp", "sub"):
        inside = to_json(target.payload)
        ours = member(claim, target.payload[claim])
        deep = (target.max_payload_bytes() - len(inside)) // 2 - 20
        nested = member(claim, 0)[:-1] + b"[" * deep + b"]" * deep
        yield Forgery(f"{claim}-{deep}", target.signed(payload=inside.replace(ours, nested, 1)))
    header = to_json(target.header)[:-1] + b',"x":' + b"[" * 1100 + b"]" * 1100 + b"}"
    yield Forgery("header-member-1100-kept", ".".join([part(header), *target.parts[1:]]))
    yield Forgery("header-member-1100-signed", target.signed(header))
