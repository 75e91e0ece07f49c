"""All mutations, which the modules of catalogue/ define in lists named MUTATIONS."""

import importlib
from pathlib import Path

from tests.mutations.mutation import Mutation

MODULES = sorted(path.stem for path in Path(__file__).with_name("catalogue").glob("*.py"))
MUTATIONS: list[Mutation] = [
    mutation
    for module in MODULES
    for mutation in importlib.import_module(f"tests.mutations.catalogue.{module}").MUTATIONS
]
