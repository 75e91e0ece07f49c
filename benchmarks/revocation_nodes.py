"""How long the other nodes on PostgreSQL accept a session that one node has ended.

Run: python -m benchmarks.revocation_nodes [TRIALS]
"""

import sys
import tempfile
from pathlib import Path

from tests.helpers.nodes import Delay, delays, running_nodes, summary, tokens_of_alice
from tests.helpers.postgres import running_postgres


def measure(trials: int) -> list[Delay]:
    """End this many sessions on one of three nodes, and see when the other two refuse each."""
    with running_postgres() as postgres, tempfile.TemporaryDirectory() as folder:
        postgres.execute("CREATE DATABASE nodes")
        with running_nodes(Path(folder), postgres.url("nodes")) as nodes:
            return list(delays(nodes, tokens_of_alice(nodes[0], trials)))


def main() -> None:
    trials = int(sys.argv[1]) if len(sys.argv) > 1 else 500
    found = measure(trials)
    print(f"{trials} sessions ended on one of 3 nodes, until the other two refuse them")
    print(f"after the response to the sign-out:   {summary([delay.after_response for delay in found])}")
    print(f"after the sign-out was sent:          {summary([delay.after_request for delay in found])}")


if __name__ == "__main__":
    main()
