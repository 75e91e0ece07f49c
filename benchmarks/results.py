"""The results of a run: results.json, and the version of it that was committed."""

import json
import os
import platform
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks.measuring.spread import Spread, spread
from benchmarks.targets import Target

RESULTS = Path(__file__).with_name("results.json")

Figures = dict[str, Spread]


def figures(targets: Sequence[Target], samples: Mapping[str, Sequence[float]]) -> Figures:
    """The figure of every target whose samples were measured."""
    return {each.name: spread(each.values(samples)) for each in targets if each.is_measured(samples)}


def write(figures: Figures, samples: Mapping[str, Sequence[float]], seconds: float, path: Path = RESULTS) -> None:
    """Write the figures and the medians of all samples."""
    document = {
        "date": f"{datetime.now(UTC):%Y-%m-%d}",
        "machine": f"{os.cpu_count()} cores, Python {platform.python_version()}",
        "minutes": round(seconds / 60),
        "figures": {name: asdict(each) for name, each in figures.items()},
        "samples": {name: asdict(spread(values)) for name, values in sorted(samples.items())},
    }
    path.write_text(json.dumps(document, indent=1) + "\n")


def read(path: Path = RESULTS) -> dict[str, Any]:
    """The document that `write` wrote."""
    document: dict[str, Any] = json.loads(path.read_text())
    return document


def spreads(document: Mapping[str, Any], part: str) -> Figures:
    """The figures, or the samples, of such a document."""
    return {name: Spread(**each) for name, each in document[part].items()}


def committed() -> Figures:
    """The figures in the last commit, or else in the file; none if there is neither."""
    show = ["git", "show", f"HEAD:./{RESULTS.name}"]
    shown = subprocess.run(show, cwd=RESULTS.parent, capture_output=True, text=True)
    if shown.returncode == 0:
        return spreads(json.loads(shown.stdout), "figures")
    return spreads(read(), "figures") if RESULTS.exists() else {}
