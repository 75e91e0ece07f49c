"""A typed key is loaded once for all that is done with it: checking an RSA key takes a good part of a second."""

from daypass.lab.playground import pem
from daypass.lab.playground.algorithms import Kind
from daypass.lab.playground.errors import LabError
from daypass.lab.playground.pem import PrivateKey, PublicKey
from daypass.lab.playground.request_memo import RequestMemo

Found = PrivateKey | PublicKey | LabError

_memo: RequestMemo[tuple[str, Kind], Found] = RequestMemo("keys")
once = _memo.once


def load(text: str, kind: Kind) -> PrivateKey | PublicKey:
    """The first key in the text, as `pem.load` has it. Raises LabError as that does."""
    found = _memo.get((text, kind), lambda: _load(text, kind))
    if isinstance(found, LabError):
        raise LabError(found.message, found.field)
    return found


def _load(text: str, kind: Kind) -> Found:
    try:
        return pem.load(text, kind)
    except LabError as error:
        return error
