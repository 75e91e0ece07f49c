"""All forgeries, row by row."""

from tests.security.forgeries import (
    claims,
    confusion,
    degenerate,
    degenerate_rsa,
    encoding,
    header_keys,
    header_members,
    kid,
    payloads,
    signature,
    sizes,
    strangers,
    times,
    unsigned,
)
from tests.security.forging import Row

MODULES = (
    unsigned,
    signature,
    confusion,
    header_keys,
    kid,
    header_members,
    degenerate,
    degenerate_rsa,
    encoding,
    strangers,
    times,
    claims,
    payloads,
    sizes,
)
ROWS = sorted(
    (row for module in MODULES for row in vars(module).values() if isinstance(row, Row)), key=lambda row: row.number
)
