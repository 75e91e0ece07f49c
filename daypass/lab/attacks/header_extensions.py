"""Attacks with extensions that change what a signature means, and that the gate may not know (RFC 7515, RFC 7797)."""

from daypass.lab.attacks.attack import Attack, Reference
from daypass.lab.attacks.attacker_keys import HEADER
from daypass.lab.attacks.forging import Target
from daypass.lab.attacks.unsigned import with_extra_role

THUMBPRINT = {"jkt": "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I"}  # of RFC 7638's sample key


def bound_to_another_key(target: Target) -> list[str]:
    """A token that is valid only together with another key (RFC 7800), as its critical header says."""
    return [target.issued({"crit": ["cnf"], "cnf": THUMBPRINT})]


def not_encoded(target: Target) -> list[str]:
    """Texts that the site signed as they are, without encoding. Each is the base64url form of forged claims."""
    claims = with_extra_role(target)
    return [target.issued({"b64": False, "crit": ["b64"]}, **claims), target.issued({"b64": False}, **claims)]


CRIT = Attack(
    name="unknown-crit",
    title="A condition that the gate does not know",
    usual_name="unknown crit",
    hope="The stolen token is bound to its owner's key, but the gate ignores that.",
    request_label="genuine, with crit",
    finding_label="extra header",
    why="The gate cannot check a condition that it does not know, so it refuses the token.",
    defence=HEADER,
    reference=Reference("CVE-2025-59420", "Authlib before 1.6.4 ignored critical headers that it did not know."),
    forge=bound_to_another_key,
    revealing_member="crit",
    genuine=True,
)

UNENCODED = Attack(
    name="unencoded-payload",
    title="A signed text that reads as claims",
    usual_name="b64=false",
    hope="The site signs the attacker's plain text, which decodes to claims.",
    request_label="genuine, b64: false",
    finding_label="extra header",
    why="The signature is valid, but only for plain text (“b64”: false). Passes are never signed in that way.",
    defence=HEADER,
    reference=Reference("RFC 7797 section 6", "“b64” must be critical, so that those who do not know it refuse it."),
    forge=not_encoded,
    revealing_member="b64",
    genuine=True,
)
