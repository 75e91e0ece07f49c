"""Attacks on the parser: other encodings, another serialization, too long, too deep."""

from daypass.keys.algorithms import Algorithm
from daypass.lab.attacks.attack import Attack, Carrier, Defence, Reference
from daypass.lab.attacks.forging import Target, part, to_json
from daypass.lab.attacks.unsigned import SHAPE, with_extra_role

LARGE = 100_000  # characters
DEEP = 3_000  # brackets


def reencoded(target: Target) -> list[str]:
    """The same token with padding in one part or in all, and with percent-encoded dots."""
    padded = [text + "=" * (-len(text) % 4) for text in target.parts]
    with_one = [[*target.parts[:at], padded[at], *target.parts[at + 1 :]] for at in range(3)]
    texts = {".".join(parts) for parts in [*with_one, padded]} - {target.token}
    return [*sorted(texts, key=len, reverse=True), target.token.replace(".", "%2E")]


def two_readings(target: Target) -> list[str]:
    """One text: as JSON, a token with a valid signature; split at its dots, forged claims."""
    header, payload, signature = target.parts
    genuine = {"protected": header, "payload": payload, "signature": signature}
    return [to_json({f"  {header}.{part(with_extra_role(target))}.": ""} | genuine).decode()]


REENCODED = Attack(
    name="another-encoding",
    title="Another encoding",
    usual_name="base64 malleability",
    hope="The bytes are the same but the text differs, so no list of revoked tokens has it.",
    request_label="padded with “=”",
    finding_label="not canonical",
    why="A token has exactly one valid encoding, base64url without padding. And this site revokes sessions, not texts.",
    defence=SHAPE,
    reference=Reference("RFC 7515 section 2", "“With all trailing '=' characters omitted”. PyJWT accepts them."),
    forge=reencoded,
)

TWO_READINGS = Attack(
    name="two-readings",
    title="One text, two readings",
    usual_name="parser differential",
    hope="One part of a library verifies genuine JSON, another splits the text at its dots.",
    request_label="a token in JSON",
    finding_label="not three parts",
    why="The gate accepts one form of token, three parts with two dots, and has one parser for it.",
    defence=SHAPE,
    reference=Reference("CVE-2022-39227", "python-jwt before 3.3.4 read tokens in both ways."),
    forge=two_readings,
    carrier=Carrier.BEARER,
    rings=(Algorithm.RS256, Algorithm.HS256, Algorithm.ES256, Algorithm.EDDSA),
)

HUGE = Attack(
    name="huge",
    title="A hundred kilobytes of dots",
    usual_name="memory exhaustion",
    hope="Each dot starts another part, and storing so many of them keeps the gate busy.",
    request_label="100,000 characters",
    finding_label="too long",
    why="The length is checked before anything else. Text longer than 4,096 characters is not parsed.",
    defence=Defence("tokens.codec._verify", "if len(text) > MAX_TOKEN_LENGTH:"),
    reference=Reference("CVE-2025-30204", "golang-jwt before 5.2.2 allocated memory for every dot."),
    forge=lambda target: [target.token.ljust(LARGE, ".")],
    carrier=Carrier.BEARER,
)

DEPTH = Attack(
    name="deep",
    title="Three thousand brackets deep",
    usual_name="JSON nesting bomb",
    hope="The JSON parser calls itself for each bracket, until the program crashes.",
    request_label="[[[[[[[[[[ …",
    finding_label="nested too deep",
    why="JSON nested deeper than 32 levels is not parsed. Any error while a token is read means that it is refused.",
    defence=Defence("tokens.strict_json.parse", "if _depth(text) > MAX_DEPTH:"),
    reference=Reference("RFC 8259 section 9", "A parser may limit nesting. PyJWT up to 2.13 did not catch this error."),
    forge=lambda target: [".".join([part(b"[" * DEEP), part({}), target.parts[2]])],
    carrier=Carrier.BEARER,
    rings=(Algorithm.HS256, Algorithm.ES256, Algorithm.EDDSA),  # with an RSA signature the token would be too long
)
