"""How long the other nodes on PostgreSQL accept a session that one node has ended."""

from pathlib import Path
from statistics import quantiles

from benchmarks.measuring.rounds import Samples, Scale, Tell
from benchmarks.revocation_nodes import measure

TRIALS = 500


def run(folder: Path, scale: Scale, tell: Tell) -> Samples:
    tell("nodes, ended sessions")
    delays = measure(TRIALS)
    return {
        "nodes.after-response": [1000 * _p99([delay.after_response for delay in delays])],
        "nodes.after-request": [1000 * _p99([delay.after_request for delay in delays])],
    }


def _p99(seconds: list[float]) -> float:
    return quantiles(seconds, n=100)[98]
