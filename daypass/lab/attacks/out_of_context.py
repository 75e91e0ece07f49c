"""Attacks with genuine tokens, sent at the wrong time or to the wrong place."""

from daypass.lab.attacks.attack import Attack, Carrier, Defence, Interlude, Reference
from daypass.lab.attacks.forging import Target
from daypass.lab.attacks.key_ids import IN_THE_RING

TIME = "tokens.codec.check_time"
PURPOSES = Defence("tokens.codec.decode", "if claims.purpose not in purposes:")
MONTH = 30 * 86_400  # seconds


def too_early(target: Target) -> list[str]:
    """Tokens with an `iat`, or an `nbf`, two minutes in the future: more than the allowed clock skew."""
    start = int(target.now.timestamp()) + 120
    return [target.issued(iat=start), target.issued(nbf=start)]


def long_lived(target: Target) -> list[str]:
    """A refresh token, and a token that this site gives to known browsers, in place of the pass."""
    end = int(target.now.timestamp()) + MONTH
    return [target.issued(aud=purpose, exp=end, until=end) for purpose in ("refresh", "device")]


EXPIRED = Attack(
    name="expired",
    title="An expired pass",
    usual_name="missing exp check",
    hope="The signature is genuine, and the gate does not check the time.",
    request_label="genuine but expired",
    finding_label="expired",
    why="The expiry time is part of the signed claims, and the gate checks it. This pass expired one second ago.",
    defence=Defence(TIME, "if now >= claims.expires_at:"),
    reference=Reference(
        "RFC 7519 section 4.1.4", "An expired token must not be accepted. Not every library checks this by default."
    ),
    forge=lambda target: [target.issued(exp=int(target.now.timestamp()) - 1)],
    genuine=True,
)

EARLY = Attack(
    name="not-yet-valid",
    title="A pass from the future",
    usual_name="missing nbf and iat check",
    hope="A pass that becomes valid in two minutes is accepted now.",
    request_label="genuine, too early",
    finding_label="not yet valid",
    why=(
        "A pass is valid from the time when it was issued, with one minute of tolerance between clocks. A pass with "
        "“nbf”, another start time, is always refused, because this site never issues one."
    ),
    defence=Defence(TIME, "if claims.issued_at > now + CLOCK_SKEW:"),
    reference=Reference("RFC 7519 section 4.1.5", "A token must not be accepted before its time."),
    forge=too_early,
    genuine=True,
)

PURPOSE = Attack(
    name="another-purpose",
    title="A reset link as a pass",
    usual_name="cross-JWT confusion",
    hope="The token of a reset link is accepted as a pass to every page.",
    request_label="issued for a reset",
    finding_label="wrong purpose",
    why="Each token names its purpose (“aud”), and the gate accepts only passes and API tokens.",
    defence=PURPOSES,
    reference=Reference("RFC 8725 section 2.8", "“Cross-JWT Confusion”: one kind of token used in place of another."),
    forge=lambda target: [target.issued(aud="reset"), target.issued(aud="confirm_address")],
    genuine=True,
)

REFRESH = Attack(
    name="refresh-token",
    title="A refresh token as a pass",
    usual_name="refresh for access",
    hope="A token that is valid for a month, but only to get passes, is taken for a pass.",
    request_label="issued for refresh",
    finding_label="wrong purpose",
    why=(
        "Its purpose (“aud”) is another one. This site has no refresh tokens, so a token with which it recognizes "
        "browsers is tried too. Neither is a pass."
    ),
    defence=PURPOSES,
    reference=Reference("RFC 8725 section 3.12", "Rules for different kinds of token must exclude each other."),
    forge=long_lived,
    revealing_member="aud",
    genuine=True,
)

ELSEWHERE = Attack(
    name="another-site",
    title="Another site's pass",
    usual_name="missing iss check",
    hope="Two sites share a key or a similar name, and accept each other's passes.",
    request_label="from another site",
    finding_label="wrong issuer",
    why="A token names the site that issued it (“iss”). The whole name must match, even if the signature is valid.",
    defence=Defence("tokens.codec._verify", "issuer=issuer,"),
    reference=Reference("CVE-2024-53861", "PyJWT 2.10.0 accepted an issuer whose name was part of the right one."),
    forge=lambda target: [
        target.issued(iss="https://elsewhere.example"),
        target.issued(iss=target.payload["iss"][:-1]),
    ],
    genuine=True,
)

SIGNED_OUT = Attack(
    name="after-sign-out",
    title="A copied pass after sign-out",
    usual_name="replay after logout",
    hope="A signed token stays valid until it expires, even after its owner signed out.",
    request_label="a genuine copy",
    finding_label="session ended",
    why="The gate keeps a list of ended sessions whose tokens have not expired yet, and checks it on each request.",
    defence=Defence("sessions.revocation.Revocations.check", "if session_id in self._ended:"),
    reference=Reference(
        "OWASP JWT cheat sheet",
        "“No built-in token revocation by the user”.",
        "https://cheatsheetseries.owasp.org/cheatsheets/JSON_Web_Token_for_Java_Cheat_Sheet.html",
    ),
    forge=lambda target: [target.token],
    interlude=Interlude.SIGN_OUT,
    revealing_member="sid",
    genuine=True,
)

DROPPED = Attack(
    name="dropped-key",
    title="A pass signed with a stolen key",
    usual_name="stolen signing key",
    hope="A thief issues passes with a stolen key, which the gate keeps accepting.",
    request_label="from a dropped key",
    finding_label="unknown key",
    why="A dropped key is removed from the ring. Every token that it signed is refused from then on.",
    defence=IN_THE_RING,
    reference=Reference(
        "Storm-0558, 2023", "A stolen Microsoft key from 2016 was still accepted, and opened mailboxes."
    ),
    forge=lambda target: [target.token],
    carrier=Carrier.BEARER,
    interlude=Interlude.DROP_THE_KEY,
    revealing_member="kid",
    genuine=True,
)
