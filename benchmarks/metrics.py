"""Cost of the metrics: the same protected page with and without them, in one process, with files as in a worker.

Run: python -m benchmarks.metrics
"""

import os
import statistics
import tempfile

from flask import Flask

from benchmarks.gate import new_app, request_timer
from daypass.keys.algorithms import Algorithm
from daypass.metrics.counters import FOLDER
from daypass.web import request_metrics

ROUNDS = 41


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        os.environ[FOLDER] = folder
        plain, token = new_app(folder, Algorithm.HS256)
        counted, other_token = _with_metrics(folder)
        measure_plain, measure_counted = (
            request_timer(plain, "/gated", token),
            request_timer(counted, "/gated", other_token),
        )
        pairs = [(measure_plain(), measure_counted()) for _ in range(ROUNDS)]
        ratio = statistics.median(with_metrics / without for without, with_metrics in pairs)
        cost = statistics.median(with_metrics - without for without, with_metrics in pairs)
        print(f"with metrics, a protected page takes {ratio:.2f} times as long, {cost * 1e6:.0f} µs more")


def _with_metrics(folder: str) -> tuple[Flask, str]:
    app, token = new_app(folder, Algorithm.HS384)
    request_metrics.init_app(app, app.extensions["daypass"].audit)
    return app, token


if __name__ == "__main__":
    main()
