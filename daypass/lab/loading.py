"""A typed key is loaded once for all that is done with it: checking an RSA key takes a good part of a second."""

from daypass.lab import pem
from daypass.lab.algorithms import Kind
from daypass.lab.errors import LabError
from daypass.lab.memo import Memo
from daypass.lab.pem import PrivateKey, PublicKey

Found = PrivateKey | PublicKey | LabError

_memo: Memo[tuple[str, Kind], Found] = Memo("keys")
once = _memo.once


def load(text: str, kind: Kind) -> PrivateKey | PublicKey:
    """The first key in the text, as `pem.load` has it. Raises LabError as that does."""
    found = _memo.get((text, kind), lambda: _load(text, kind))
    if isinstance(found, LabError):
        raise LabError(found.sentence, found.field)
    return found


def _load(text: str, kind: Kind) -> Found:
    try:
        return pem.load(text, kind)
    except LabError as error:
        return error
