"""Put the observers around their places, now or as soon as the module is imported."""

import importlib.machinery
import sys
from collections.abc import Sequence
from types import ModuleType
from typing import Any

from tests.leaks.collection import Collection
from tests.leaks.places import PLACES, Place


def observe(collection: Collection) -> None:
    """Observe every place, once per process. Modules that are not imported yet are observed when they are."""
    if any(isinstance(finder, Finder) for finder in sys.meta_path):
        return
    for place in PLACES:
        if place.module in sys.modules:
            put_around(place, sys.modules[place.module], collection)
    sys.meta_path.insert(0, Finder(collection))


def put_around(place: Place, module: ModuleType, collection: Collection) -> None:
    """Replace the function in its module or class, and in the modules that have imported it by name."""
    owner_name, _, name = place.name.rpartition(".")
    owner = getattr(module, owner_name) if owner_name else module
    original = getattr(owner, name)
    observed = place.observer(collection, original)
    setattr(owner, name, observed)
    if owner is module:
        for other in list(sys.modules.values()):
            for alias in [alias for alias, value in list(vars(other).items()) if value is original]:
                setattr(other, alias, observed)


class Finder:
    """Finds the modules of the places as usual, and has them observed after they were executed."""

    def __init__(self, collection: Collection) -> None:
        self._collection = collection

    def find_spec(
        self, name: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        """The module's spec with an observing loader; None for other modules."""
        places = [place for place in PLACES if place.module == name]
        spec = importlib.machinery.PathFinder.find_spec(name, path) if places else None
        if spec is not None and spec.loader is not None:
            execute = spec.loader.exec_module

            def exec_module(module: ModuleType) -> None:
                execute(module)
                for place in places:
                    put_around(place, module, self._collection)

            loader: Any = spec.loader
            loader.exec_module = exec_module
        return spec
