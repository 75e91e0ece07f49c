"""The forged tokens of the attack gallery, for the tests of any verifier of JSON Web Tokens (RFC 8725)."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from cryptography.hazmat.primitives.serialization import load_pem_private_key

from daypass.keys.algorithms import Algorithm
from daypass.keys.signing_key import PrivateKey, SigningKey
from daypass.lab.attacks.attack import EVERY_RING, Attack, Interlude
from daypass.lab.attacks.catalogue import ATTACKS
from daypass.lab.attacks.forging import Target, read_part
from daypass.lab.attacks.malformed import REENCODED

PEM = b"-----BEGIN"


@dataclass(frozen=True)
class Forgery:
    """A token that a verifier must reject.

    name: of the attack, such as `none` or `public-key-rs256`. hope: the mistake that it hopes for.
    genuine: whether the right key signed it, so that only a check of its claims or of its form can reject it.
    """

    name: str
    hope: str
    token: str
    genuine: bool

    def __str__(self) -> str:
        return f"{self.name}: {self.hope}"


def forgeries(token: str, key: str | bytes | PrivateKey) -> list[Forgery]:
    """Return the forgeries that an attacker would try who has this valid token.

    token: signed with HS256, RS256, ES256 or EdDSA. key: what signed it: a secret, or a private key, also as PEM.
    Attacks that need a claim which the token lacks are left out. Raises ValueError for another token or key.
    """
    target = Target(token, _signing_key(token, key), datetime.now(UTC))
    return [forgery for attack in ATTACKS if _applies(attack, target) for forgery in _forged(attack, target)]


def _signing_key(token: str, key: str | bytes | PrivateKey) -> SigningKey:
    header = read_part(token.partition(".")[0])
    algorithm = header.get("alg")
    if algorithm not in EVERY_RING:
        raise ValueError(f"the token must be signed with one of {', '.join(EVERY_RING)}, not with {algorithm}")
    private = key.encode() if isinstance(key, str) else key
    if isinstance(private, bytes) and private.lstrip().startswith(PEM):
        loaded = load_pem_private_key(private, None)
        if not isinstance(loaded, PrivateKey):
            raise ValueError("the key must be an RSA, EC or Ed25519 private key")
        private = loaded
    if isinstance(private, bytes) != (algorithm == Algorithm.HS256):
        raise ValueError(f"the key does not fit a token that is signed with {algorithm}")
    return SigningKey(str(header.get("kid", "")), Algorithm(algorithm), private)


def _applies(attack: Attack, target: Target) -> bool:
    """Whether the attack is on such a key, and is in the token alone."""
    return target.key.algorithm in attack.rings and attack.interlude is Interlude.NOTHING


def _forged(attack: Attack, target: Target) -> Iterator[Forgery]:
    try:
        tokens = attack.forge(target)
    except KeyError:
        return  # the token lacks a claim that the attack changes
    for token in tokens:
        if token != target.token:
            yield Forgery(attack.name, attack.hope, token, genuine=attack.genuine or attack is REENCODED)
