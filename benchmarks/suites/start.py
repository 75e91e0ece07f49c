"""The time until the server responds, and until a command is done, and the memory of the workers."""

import os
from pathlib import Path

from benchmarks.measuring.rounds import Samples, Scale, Tell
from benchmarks.start import command_seconds, start_seconds, worker_memory

REQUESTS = 10_000  # after which the memory is measured


def run(folder: Path, scale: Scale, tell: Tell) -> Samples:
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # compiled modules are kept, as in an installation
    tell("start, python app.py")
    samples = {"start": start_seconds(scale.rounds)}
    tell("start, a command")
    samples["command"] = command_seconds("user list", scale.rounds)
    tell("start, memory")
    *_, (_, sizes) = worker_memory(REQUESTS)
    return samples | {"memory": sizes}
