"""Tokens that are too long, or have characters that no token has."""

from collections.abc import Iterator

from daypass.lab.attacks.forging import part, to_json
from tests.security.forging import Forgery, Target, row

CONTROLS = [chr(code) for code in (0, 1, 7, 8, 9, 10, 11, 12, 13, 0x1B, 0x1C, 0x1F, 0x7F, 0x85, 0xA0)]
CHARACTERS = {
    "accent": "\u00e9",
    "greek": "\u03b1",
    "emoji": "\U0001f511",
    "zero-width": "\u200b",
    "joiner": "\u2060",
    "byte-order-mark": "\ufeff",
    "right-to-left": "\u202e",
    "line-separator": "\u2028",
    "full-width-dot": "\uff0e",
    "not-a-character": "\uffff",
    "private-use": "\ue000",
    "replacement": "\ufffd",
    "lone-surrogate": "\ud800",
    "lone-low-surrogate": "\udfff",
}
BAD_UTF_8 = {
    "byte-ff": b"\xff",
    "byte-80": b"\x80",
    "overlong": b"\xc0\xae",
    "cut": b"\xe2\x82",
    "too-far": b"\xf5\x80\x80\x80",
}


@row(58, "too-long")
def too_long(target: Target) -> Iterator[Forgery]:
    for size in (4_097, 20_000, 200_000):
        filler = "A" * size
        for number in range(3):
            parts = [*target.parts]
            parts[number] = filler
            yield Forgery(f"{size}-in-part-{number}", ".".join(parts))
            parts[number] = target.parts[number] + filler
            yield Forgery(f"{size}-behind-part-{number}", ".".join(parts))
        yield Forgery(f"{size}-of-nothing-but-letters", filler)
        yield Forgery(f"{size}-in-a-header-member", target.signed(target.header | {"x": filler}))
        yield Forgery(f"{size}-in-a-claim", target.with_claims(name=filler))
        yield Forgery(
            f"{size}-spaces-behind-valid-claims", target.signed(payload=to_json(target.payload) + b" " * size)
        )
        yield Forgery(f"{size}-spaces-behind-a-valid-header", target.signed(to_json(target.header) + b" " * size))
    for dots in (3, 100, 4_000, 50_000):
        yield Forgery(f"{dots}-dots", "." * dots)
        yield Forgery(f"{dots}-dots-behind", target.token + "." * dots)
        yield Forgery(f"{dots}-short-parts", ".".join(["A"] * dots))
    fits = target.max_payload_bytes() - 4
    yield Forgery("longest-that-is-read", f"{target.parts[0]}.{part(b'0' * fits)}.{target.parts[2]}")


@row(59, "unusual-characters")
def unusual_characters(target: Target) -> Iterator[Forgery]:
    odd = {f"control-{ord(control):02x}": control for control in CONTROLS} | CHARACTERS
    odd |= {name: raw.decode("utf-8", "surrogateescape") for name, raw in BAD_UTF_8.items()}
    header, payload, signature = target.parts
    for name, letter in odd.items():
        yield Forgery(f"{name}-three-times", ".".join([letter] * 3))
        yield Forgery(f"{name}-in-the-header", f"{header[:5]}{letter}{header[5:]}.{payload}.{signature}")
        yield Forgery(f"{name}-in-the-signature", f"{header}.{payload}.{signature[:9]}{letter}{signature[9:]}")
        if letter not in " \t":  # around a token these two are the header's own
            yield Forgery(f"{name}-before", letter + target.token)
            yield Forgery(f"{name}-behind", target.token + letter)
