"""Latency of a protected page under each flood.

Requests the page 50 times a second from a server with the default settings, first idle and then during the flood.
SECURITY.md, "Denial of service", has the results. Run: python -m benchmarks.floods [SECONDS [NAME ...]]
"""

import sys
import tempfile
from pathlib import Path

from tests.conftest import PASSWORD
from tests.helpers.server import running
from tests.integration.faults.floods import FLOODS, flooding
from tests.integration.faults.steady_load import run_steady_load


def measure(name: str, seconds: float) -> str:
    """Run one flood against a new server, and format the results."""
    with tempfile.TemporaryDirectory() as folder, running(Path(folder), DAYPASS_SIGNUP="open") as server:
        server.command("user", "add", "alice", "--password-stdin", stdin=PASSWORD)
        token = server.sign_in("alice", PASSWORD)
        run_steady_load(server, token, 1)  # the first requests load what the later ones use
        idle = run_steady_load(server, token, 5)
        with flooding(server, name, token):
            run_steady_load(server, token, 2)
            busy = run_steady_load(server, token, seconds)
        factor = busy.percentile(99) / idle.percentile(99)
        return f"{name}\n  idle:    {idle}\n  flooded: {busy}\n  factor of p99: {factor:.1f}"


if __name__ == "__main__":
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 30.0
    for name in sys.argv[2:] or FLOODS:
        print(measure(name, seconds), flush=True)
