"""All attacks, in the order of the gallery."""

from daypass.lab.attacks.attack import Attack
from daypass.lab.attacks.attacker_keys import FILE, JKU, JWK, SQL
from daypass.lab.attacks.key_confusion import CURVE, RSA, WEAK
from daypass.lab.attacks.malformed import DEPTH, HUGE, REENCODED, TWO_READINGS
from daypass.lab.attacks.out_of_context import DROPPED, EARLY, ELSEWHERE, EXPIRED, PURPOSE, SIGNED_OUT
from daypass.lab.attacks.unsigned import CUT, EDITED, NONE, NONE_VARIANTS, PSYCHIC

ATTACKS: tuple[Attack, ...] = (
    *(NONE, NONE_VARIANTS, EDITED, CUT, PSYCHIC),
    *(RSA, CURVE),
    *(JWK, JKU, FILE, SQL),
    *(EXPIRED, EARLY, PURPOSE, ELSEWHERE, SIGNED_OUT, DROPPED),
    *(REENCODED, TWO_READINGS, HUGE, DEPTH),
    WEAK,
)
BY_NAME = {attack.name: attack for attack in ATTACKS}
