"""Shows what the benchmark is doing, and how much time is left."""

import sys
import time


class Progress:
    """One line that is overwritten on a terminal, and one line for each step elsewhere. expected: in seconds."""

    def __init__(self, expected: float) -> None:
        self._started, self._expected = time.monotonic(), expected

    @property
    def seconds(self) -> float:
        """Since the start."""
        return time.monotonic() - self._started

    def tell(self, step: str) -> None:
        line = f"{_clock(self.seconds)} of about {_clock(self._expected)}  {step}"
        if sys.stderr.isatty():
            print(f"\r\x1b[K{line}", end="", file=sys.stderr, flush=True)
        else:
            print(line, file=sys.stderr, flush=True)

    def end(self) -> None:
        """Remove the line from the terminal."""
        if sys.stderr.isatty():
            print("\r\x1b[K", end="", file=sys.stderr, flush=True)


def _clock(seconds: float) -> str:
    return f"{int(seconds) // 60}:{int(seconds) % 60:02}"
