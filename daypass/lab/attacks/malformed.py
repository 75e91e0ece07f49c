"""Attacks on what reads a token: other spellings, other containers, too much of it, too deep."""

from daypass.keys.algorithms import Algorithm
from daypass.lab.attacks.attack import Attack, Carrier, Defence, Reference
from daypass.lab.attacks.forging import Target, part, to_json
from daypass.lab.attacks.unsigned import SHAPE, admin

LARGE = 100_000  # characters
DEEP = 3_000  # brackets


def respelt(target: Target) -> list[str]:
    """The same token, padded in each part and then in all, and in percent signs."""
    padded = [text + "=" * (-len(text) % 4) for text in target.parts]
    with_one = [[*target.parts[:at], padded[at], *target.parts[at + 1 :]] for at in range(3)]
    texts = {".".join(parts) for parts in [*with_one, padded]} - {target.token}
    return [*sorted(texts, key=len, reverse=True), target.token.replace(".", "%2E")]


def two_readings(target: Target) -> list[str]:
    """One text that reads as a JSON token with a good signature, and by its dots as other claims."""
    header, payload, signature = target.parts
    honest = {"protected": header, "payload": payload, "signature": signature}
    return [to_json({f"  {header}.{part(admin(target))}.": ""} | honest).decode()]


RESPELT = Attack(
    name="another-spelling",
    title="Another spelling",
    hope="The bytes are the same and the text is not, so a list of texts that are refused does not know it.",
    says="padded with “=”",
    finds="not our spelling",
    why="A token has one spelling: base64url without padding. And what ends here is a session, never a text.",
    defence=SHAPE,
    seen=Reference("RFC 7515 section 2", "“With all trailing '=' characters omitted”. PyJWT lets them through."),
    forge=respelt,
)

TWO_READINGS = Attack(
    name="two-readings",
    title="One text, two readings",
    hope="One half of a library checks the JSON, which is genuine. The other cuts the text at its dots.",
    says="a token in JSON",
    finds="not three parts",
    why="There is one form of token here, three parts with two dots, and one reader.",
    defence=SHAPE,
    seen=Reference("CVE-2022-39227", "python-jwt before 3.3.4 was read in both ways."),
    forge=two_readings,
    carrier=Carrier.BEARER,
    rings=(Algorithm.RS256, Algorithm.HS256, Algorithm.ES256, Algorithm.EDDSA),
)

HUGE = Attack(
    name="huge",
    title="A hundred kilobytes of dots",
    hope="Each dot begins another part, and making room for so many keeps the gate busy.",
    says="100,000 letters",
    finds="too long",
    why="Nothing longer than 4,096 letters is looked at. Its length is asked before anything else.",
    defence=Defence("tokens.codec._verify", "if len(text) > MAX_TOKEN_LENGTH:"),
    seen=Reference("CVE-2025-30204", "golang-jwt before 5.2.2 made room for every dot."),
    forge=lambda target: [target.token.ljust(LARGE, ".")],
    carrier=Carrier.BEARER,
)

DEPTH = Attack(
    name="deep",
    title="Three thousand brackets deep",
    hope="What reads the JSON calls itself for each bracket, until the program falls over.",
    says="[[[[[[[[[[ …",
    finds="unreadable",
    why="Whatever goes wrong while a token is read means one thing: it is refused. Nothing falls over.",
    defence=Defence("tokens.strict_json.parse", "if _depth(text) > MAX_DEPTH:"),
    seen=Reference("RFC 8259 section 9", "A reader may set limits. PyJWT up to 2.13 let this error through."),
    forge=lambda target: [".".join([part(b"[" * DEEP), part({}), target.parts[2]])],
    carrier=Carrier.BEARER,
    rings=(Algorithm.HS256, Algorithm.ES256, Algorithm.EDDSA),  # an RSA signature is longer: the whole is too long
)
