"""All attacks, in the order of the gallery."""

from daypass.lab.attacks.attack import Attack
from daypass.lab.attacks.attacker_keys import CERTIFICATE, JKU, JWK
from daypass.lab.attacks.header_extensions import CRIT, UNENCODED
from daypass.lab.attacks.key_confusion import CURVE, RECOVERED, RSA
from daypass.lab.attacks.key_ids import FILE, SQL
from daypass.lab.attacks.malformed import DEPTH, HUGE, REENCODED, TWO_READINGS
from daypass.lab.attacks.out_of_context import DROPPED, EARLY, ELSEWHERE, EXPIRED, PURPOSE, REFRESH, SIGNED_OUT
from daypass.lab.attacks.unsigned import CUT, EDITED, NONE, NONE_VARIANTS, PSYCHIC
from daypass.lab.attacks.weak_secrets import BLANK, WEAK

ATTACKS: tuple[Attack, ...] = (
    *(NONE, NONE_VARIANTS, EDITED, CUT, PSYCHIC),
    *(BLANK, RSA, RECOVERED, CURVE),
    *(JWK, JKU, CERTIFICATE, FILE, SQL),
    *(CRIT, UNENCODED),
    *(EXPIRED, EARLY, PURPOSE, REFRESH, ELSEWHERE, SIGNED_OUT, DROPPED),
    *(REENCODED, TWO_READINGS, HUGE, DEPTH),
    WEAK,
)
BY_NAME = {attack.name: attack for attack in ATTACKS}
