"""All attacks, in the order that they are shown in."""

from daypass.gallery.attack import Attack
from daypass.gallery.confused import CURVE, RSA, WEAK
from daypass.gallery.misspelt import DEPTH, HUGE, RESPELT, TWO_READINGS
from daypass.gallery.misused import DROPPED, EARLY, ELSEWHERE, EXPIRED, PURPOSE, SIGNED_OUT
from daypass.gallery.own_key import FILE, JKU, JWK, SQL
from daypass.gallery.unsigned import CUT, EDITED, NONE, PSYCHIC, SPELT

ATTACKS: tuple[Attack, ...] = (
    *(NONE, SPELT, EDITED, CUT, PSYCHIC),
    *(RSA, CURVE),
    *(JWK, JKU, FILE, SQL),
    *(EXPIRED, EARLY, PURPOSE, ELSEWHERE, SIGNED_OUT, DROPPED),
    *(RESPELT, TWO_READINGS, HUGE, DEPTH),
    WEAK,
)
BY_NAME = {attack.name: attack for attack in ATTACKS}
