"""Results that are kept while one request is answered, so that expensive work is done once in it."""

from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class RequestMemo(Generic[K, V]):
    """Results by their keys. Outside of `once` nothing is kept."""

    def __init__(self, name: str) -> None:
        self._known: ContextVar[dict[K, V] | None] = ContextVar(name, default=None)

    @contextmanager
    def once(self) -> Iterator[None]:
        """Compute the result of each key once while the block runs, and forget it with the block's end."""
        before = self._known.set({})
        try:
            yield
        finally:
            self._known.reset(before)

    def get(self, key: K, compute: Callable[[], V]) -> V:
        """The result that is kept for this key, else the one that is computed now."""
        known = self._known.get()
        if known is None:
            return compute()
        if key not in known:
            known[key] = compute()
        return known[key]
