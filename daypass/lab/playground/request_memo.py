"""A cache for the duration of one request, so that expensive work is done once per request."""

from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class RequestMemo(Generic[K, V]):
    """Caches results by key inside a `once` block. Outside such a block, nothing is cached."""

    def __init__(self, name: str) -> None:
        self._results: ContextVar[dict[K, V] | None] = ContextVar(name, default=None)

    @contextmanager
    def once(self) -> Iterator[None]:
        """Compute the result for each key only once during the block; discard the results at its end."""
        token = self._results.set({})
        try:
            yield
        finally:
            self._results.reset(token)

    def get(self, key: K, compute: Callable[[], V]) -> V:
        """Return the cached result for the key, or compute it."""
        results = self._results.get()
        if results is None:
            return compute()
        if key not in results:
            results[key] = compute()
        return results[key]
