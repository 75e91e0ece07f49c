"""Load a private or public key in any of its formats, once per request: checking an RSA key can take most of a second.

The formats are PEM, JWK, and PEM without its first and last line.
"""

import re
from collections.abc import Callable

from daypass.lab.playground import jwk, pem
from daypass.lab.playground.algorithms import Kind
from daypass.lab.playground.errors import LabError
from daypass.lab.playground.pem import PrivateKey, PublicKey
from daypass.lab.playground.request_memo import RequestMemo

BARE = re.compile(r"[A-Za-z0-9+/_\s-]{40,}+=*+\s*+")

LoadResult = PrivateKey | PublicKey | LabError

_memo: RequestMemo[tuple[str, Kind], LoadResult] = RequestMemo("keys")
once = _memo.once


def load(text: str, kind: Kind) -> PrivateKey | PublicKey:
    """Load the key in the text. Raises LabError if it cannot be read, or its kind or size does not suit."""
    result = _memo.get((text, kind), lambda: _load(text, kind))
    if isinstance(result, LabError):
        raise LabError(result.message, result.field)
    return result


def _load(text: str, kind: Kind) -> LoadResult:
    try:
        return _reader(text)(text, kind)
    except LabError as error:
        return error


def _reader(text: str) -> Callable[[str, Kind], PrivateKey | PublicKey]:
    if text.lstrip().startswith("{"):
        return jwk.load
    return pem.load_bare if "-----" not in text and BARE.fullmatch(text) else pem.load
