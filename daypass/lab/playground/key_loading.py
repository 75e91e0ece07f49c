"""Load each key once per request, since checking an RSA key can take most of a second."""

from daypass.lab.playground import pem
from daypass.lab.playground.algorithms import Kind
from daypass.lab.playground.errors import LabError
from daypass.lab.playground.pem import PrivateKey, PublicKey
from daypass.lab.playground.request_memo import RequestMemo

LoadResult = PrivateKey | PublicKey | LabError

_memo: RequestMemo[tuple[str, Kind], LoadResult] = RequestMemo("keys")
once = _memo.once


def load(text: str, kind: Kind) -> PrivateKey | PublicKey:
    """Load the first key in the text, like `pem.load`. Raises LabError."""
    result = _memo.get((text, kind), lambda: _load(text, kind))
    if isinstance(result, LabError):
        raise LabError(result.message, result.field)
    return result


def _load(text: str, kind: Kind) -> LoadResult:
    try:
        return pem.load(text, kind)
    except LabError as error:
        return error
