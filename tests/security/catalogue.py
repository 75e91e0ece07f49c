"""All rows of forgeries.

Each is defined by `@row` in one of the modules of forgeries/.
"""

import importlib
from pathlib import Path

from tests.security.forging import Row

MODULES = [
    importlib.import_module(f"tests.security.forgeries.{path.stem}")
    for path in sorted(Path(__file__).with_name("forgeries").glob("*.py"))
]
ROWS = sorted(
    (row for module in MODULES for row in vars(module).values() if isinstance(row, Row)), key=lambda row: row.number
)
