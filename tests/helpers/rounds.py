"""The number of rounds in slow tests.

.ci/run sets the environment variable ROUNDS to `full`.
"""

import os


def rounds(*, full: int, quick: int) -> int:
    """The number of rounds for this run."""
    return full if os.environ.get("ROUNDS") == "full" else quick
