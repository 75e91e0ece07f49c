"""Attacks with genuine tokens, held out at the wrong time or in the wrong place."""

from daypass.lab.attacks.attack import Attack, Carrier, Defence, Interlude, Reference
from daypass.lab.attacks.attacker_keys import IN_THE_RING
from daypass.lab.attacks.forging import Target

TIME = "tokens.codec.check_time"


def too_early(target: Target) -> list[str]:
    """Issued in two minutes, which is more than clocks may differ; and good from then on by `nbf`."""
    start = int(target.now.timestamp()) + 120
    return [target.issued(iat=start), target.issued(nbf=start)]


EXPIRED = Attack(
    name="expired",
    title="A pass that has ended",
    hope="Nobody looks at the clock. The signature is real.",
    says="true, but over",
    finds="too late",
    why="The end is part of what was signed, and after it the gate stays shut. This one ended a second ago.",
    defence=Defence(TIME, "if now >= claims.expires_at:"),
    seen=Reference(
        "RFC 7519 section 4.1.4", "“Must not be accepted”; a library that is not asked to check it does not."
    ),
    forge=lambda target: [target.issued(exp=int(target.now.timestamp()) - 1)],
    genuine=True,
)

EARLY = Attack(
    name="not-yet-valid",
    title="A pass for later",
    hope="What is good in two minutes opens the gate now.",
    says="true, but early",
    finds="too early",
    why=(
        "A pass is good from the moment that it was issued at, give or take a minute between two clocks. There is no "
        "other start: a pass with “nbf” is refused at any time, since we never write one."
    ),
    defence=Defence(TIME, "if claims.issued_at > now + CLOCK_SKEW:"),
    seen=Reference("RFC 7519 section 4.1.5", "A token must not be accepted before its time."),
    forge=too_early,
    genuine=True,
)

PURPOSE = Attack(
    name="another-purpose",
    title="A set-up link as a pass",
    hope="A token that was sent for something small, such as a link to set up or reset an account, opens every page.",
    says="made for set-up",
    finds="another purpose",
    why="Each token says what it is for, and the gate takes no other kind.",
    defence=Defence("tokens.codec.decode", "if claims.purpose not in purposes:"),
    seen=Reference("RFC 8725 section 2.8", "“Cross-JWT confusion”: one kind of token in the place of another."),
    forge=lambda target: [target.issued(aud="setup"), target.issued(aud="reset")],
    genuine=True,
)

ELSEWHERE = Attack(
    name="another-site",
    title="Another site's pass",
    hope="Two sites share a key, or a name that begins alike, and what one of them signed is good at the other.",
    says="issued elsewhere",
    finds="not by us",
    why="A token names the site that issued it. That is compared whole, even where the signature fits.",
    defence=Defence("tokens.codec._verify", "issuer=issuer,"),
    seen=Reference("CVE-2024-53861", "PyJWT 2.10.0 took an issuer whose name was a piece of the right one."),
    forge=lambda target: [
        target.issued(iss="https://elsewhere.example"),
        target.issued(iss=target.payload["iss"][:-1]),
    ],
    genuine=True,
)

SIGNED_OUT = Attack(
    name="after-sign-out",
    title="A copy of an ended pass",
    hope="A signed token stays good until its end, whatever its owner does in the meantime.",
    says="a true copy",
    finds="session ended",
    why="The gate knows every ended session that could still have a live token, and asks at each request.",
    defence=Defence("gate.Gate._valid_token", "self._revocations.check(token.claims.session_id)"),
    seen=Reference(
        "OWASP JWT cheat sheet",
        "“No built-in token revocation by the user”.",
        "https://cheatsheetseries.owasp.org/cheatsheets/JSON_Web_Token_for_Java_Cheat_Sheet.html",
    ),
    forge=lambda target: [target.token],
    meanwhile=Interlude.SIGN_OUT,
    tells="sid",
    genuine=True,
)

DROPPED = Attack(
    name="dropped-key",
    title="A pass of a stolen key",
    hope="A key got out. Whoever has it goes on making passes, and the gate goes on taking them.",
    says="a dropped key's",
    finds="no such key",
    why="A key that is dropped is out of the ring, and with it everything that it signed.",
    defence=IN_THE_RING,
    seen=Reference(
        "Storm-0558, 2023", "A key of Microsoft's from 2016 was stolen, still verified, and opened mailboxes."
    ),
    forge=lambda target: [target.token],
    carrier=Carrier.BEARER,
    meanwhile=Interlude.DROP_THE_KEY,
    tells="kid",
    genuine=True,
)
