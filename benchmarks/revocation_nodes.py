"""How long the other nodes on PostgreSQL accept a session that one node has ended.

Run: python -m benchmarks.revocation_nodes [TRIALS]
"""

import sys
import tempfile
from pathlib import Path

from tests.helpers.nodes import delays, running_nodes, summary, tokens_of_alice
from tests.helpers.postgres import running_postgres

TRIALS = int(sys.argv[1]) if len(sys.argv) > 1 else 500


def main() -> None:
    with running_postgres() as postgres, tempfile.TemporaryDirectory() as folder:
        postgres.execute("CREATE DATABASE nodes")
        with running_nodes(Path(folder), postgres.url("nodes")) as nodes:
            found = list(delays(nodes, tokens_of_alice(nodes[0], TRIALS)))
    print(f"{TRIALS} sessions ended on one of 3 nodes, until the other two refuse them")
    print(f"after the response to the sign-out:   {summary([delay.after_response for delay in found])}")
    print(f"after the sign-out was sent:          {summary([delay.after_request for delay in found])}")


if __name__ == "__main__":
    main()
