"""A typed key is loaded once for all that is done with it: checking an RSA key takes a good part of a second."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from daypass.lab import pem
from daypass.lab.algorithms import Kind
from daypass.lab.errors import LabError
from daypass.lab.pem import PrivateKey, PublicKey

Found = PrivateKey | PublicKey | LabError

_found: ContextVar[dict[tuple[str, Kind], Found] | None] = ContextVar("found", default=None)


@contextmanager
def once() -> Iterator[None]:
    """Load each key once while the block runs, and forget it with the block's end."""
    before = _found.set({})
    try:
        yield
    finally:
        _found.reset(before)


def load(text: str, kind: Kind) -> PrivateKey | PublicKey:
    """The first key in the text, as `pem.load` has it. Raises LabError as that does."""
    known = _found.get()
    if known is None:
        return pem.load(text, kind)
    if (text, kind) not in known:
        known[text, kind] = _load(text, kind)
    found = known[text, kind]
    if isinstance(found, LabError):
        raise LabError(found.sentence, found.field)
    return found


def _load(text: str, kind: Kind) -> Found:
    try:
        return pem.load(text, kind)
    except LabError as error:
        return error
