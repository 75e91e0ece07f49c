"""How many rounds the slow trials have: the environment's ROUNDS is `full` (as .ci/run asks for) or `quick`."""

import os


def rounds(*, full: int, quick: int) -> int:
    """The number for this run."""
    return full if os.environ.get("ROUNDS") == "full" else quick
