"""`make bench`: measure everything, and write results.json and the charts. `--quick`: the gate and the check only."""

import argparse
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks import report, results
from benchmarks.measuring.load import BenchmarkError
from benchmarks.measuring.rounds import Samples, Scale, Tell
from benchmarks.measuring.servers import PEERS
from benchmarks.progress import Progress
from benchmarks.suites import folder, gate, gated_pages, nodes, pages, proxy, sign_in, start
from benchmarks.targets import QUICK, TARGETS, Target
from tests.helpers.project import ROOT


@dataclass(frozen=True)
class Suite:
    """What is measured together. seconds: how long that takes."""

    run: Callable[[Path, Scale, Tell], Samples]
    scale: Scale
    seconds: int


FAST = [Suite(gated_pages.run, Scale(rounds=5, seconds=1), 40)]
FULL = [
    Suite(pages.run, Scale(rounds=7, seconds=2), 260),
    Suite(gate.run, Scale(rounds=6, seconds=2), 230),
    Suite(proxy.run, Scale(rounds=6, seconds=2), 100),
    Suite(sign_in.run, Scale(rounds=3, seconds=10), 160),
    Suite(folder.run, Scale(rounds=6, seconds=2), 100),
    Suite(start.run, Scale(rounds=10, seconds=0), 60),
    Suite(nodes.run, Scale(rounds=1, seconds=0), 60),
]


def main() -> int:
    """Run the benchmark; returns the exit code."""
    options = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    options.add_argument("--quick", action="store_true", help="measure only the gate and the check; write nothing")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("stopped"))  # so that the servers are stopped too
    try:
        return run_quick() if options.parse_args().quick else run_full()
    except BenchmarkError as error:
        print(f"\n{error}", file=sys.stderr)
        return 1


def run_quick() -> int:
    samples, _ = _measure(FAST)
    _print_table(QUICK, samples)
    return 0


def run_full() -> int:
    samples, seconds = _measure(FULL)
    _print_table(TARGETS, samples)
    results.write(results.figures(TARGETS, samples), samples, seconds)
    subprocess.run([str(PEERS / "python"), "-m", "benchmarks.charts"], cwd=ROOT, check=True)
    print("Wrote benchmarks/results.json, and the charts next to it.")
    return 0


def _measure(suites: Sequence[Suite]) -> tuple[Samples, float]:
    """The samples of all suites, and how long they took."""
    expected = sum(suite.seconds for suite in suites)
    print(f"This takes about {f'{expected} seconds' if expected < 100 else f'{round(expected / 60)} minutes'}.")
    progress, samples = Progress(expected), Samples()
    for suite in suites:
        with tempfile.TemporaryDirectory(prefix="daypass-bench-", ignore_cleanup_errors=True) as name:
            samples |= suite.run(Path(name), suite.scale, progress.tell)
    progress.end()
    return samples, progress.seconds


def _print_table(targets: Sequence[Target], samples: Samples) -> None:
    figures = results.figures(targets, samples)
    print(report.table(targets, figures, results.committed(), color=sys.stdout.isatty()))
    print(report.summary(targets, figures))


if __name__ == "__main__":
    sys.exit(main())
