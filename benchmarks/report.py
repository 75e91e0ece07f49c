"""The table of targets: each figure, whether it is met, and whether it got worse."""

from collections.abc import Mapping, Sequence

from benchmarks.measuring.spread import Spread
from benchmarks.targets import TOLERANCE, Target

RED, RESET = "\x1b[31m", "\x1b[0m"
HEADINGS = ("figure", "before", "now", "spread", "target", "", "committed")


def table(
    targets: Sequence[Target], figures: Mapping[str, Spread], committed: Mapping[str, Spread], *, color: bool
) -> str:
    """The figures as aligned columns. Those that got worse are marked, and red if the terminal has colors."""
    measured = [target for target in targets if target.name in figures]
    rows = [row(target, figures[target.name], committed.get(target.name)) for target in measured]
    widths = [max(map(len, column)) for column in zip(HEADINGS, *rows, strict=True)]
    lines = [_line(HEADINGS, widths), _line(["-" * width for width in widths], widths)]
    for target, cells in zip(measured, rows, strict=True):
        worse = is_worse(target, figures[target.name], committed.get(target.name))
        line = _line(cells, widths)
        lines.append(f"{RED}{line}{RESET}" if worse and color else line)
    return "\n".join(lines)


def row(target: Target, now: Spread, before: Spread | None) -> list[str]:
    """The cells of one figure."""
    verdict = "" if target.limit is None else "met" if target.is_met(now.median) else "not met"
    limit = "" if target.limit is None else f"{'<=' if target.at_most else '>='} {number(target.limit)}"
    earlier = "" if before is None else number(before.median)
    if is_worse(target, now, before):
        earlier += f" (worse by more than {TOLERANCE:.0%})"
    today = "" if target.today is None else number(target.today)
    spread = f"{number(now.low)} to {number(now.high)}"
    return [target.title, today, f"{number(now.median)} {target.unit}", spread, limit, verdict, earlier]


def is_worse(target: Target, now: Spread, before: Spread | None) -> bool:
    return before is not None and target.is_worse(now.median, before.median)


def number(value: float) -> str:
    """Three significant digits, with commas."""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def summary(targets: Sequence[Target], figures: Mapping[str, Spread]) -> str:
    """How many targets are met."""
    with_limit = [target for target in targets if target.limit is not None and target.name in figures]
    met = sum(target.is_met(figures[target.name].median) for target in with_limit)
    return f"{met} of {len(with_limit)} targets are met."


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    return "  ".join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True)).rstrip()
