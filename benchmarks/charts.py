"""Bar charts of results.json, light and dark. Runs in the peers' environment: .bench/bin/python -m benchmarks.charts"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import matplotlib
from matplotlib.figure import Figure

from benchmarks import results
from benchmarks.measuring.spread import Spread
from benchmarks.report import number

FOLDER = Path(__file__).with_name("charts")


@dataclass(frozen=True)
class Theme:
    """The colors of a chart."""

    name: str
    text: str
    own: str
    other: str
    line: str


@dataclass(frozen=True)
class Chart:
    """What a chart shows: samples by name, each with its label. Those of Daypass have a color of their own."""

    name: str
    title: str
    axis: str
    bars: Mapping[str, str]
    own: frozenset[str]


THEMES = (
    Theme("light", text="#1f2328", own="#0b6e4f", other="#8a94a0", line="#57606a"),
    Theme("dark", text="#e6edf3", own="#3fb68b", other="#6e7681", line="#b1bac4"),
)
CHARTS = (
    Chart(
        "pages",
        "The same page behind a login",
        "CPU time per request in µs (less is better)",
        {
            "flask.cpu": "Flask, no login",
            "open.cpu": "Daypass, open page",
            "gated.cpu": "Daypass, gated page",
            "flask-login.cpu": "Flask-Login",
            "flask-jwt-extended.cpu": "Flask-JWT-Extended",
            "flask-security.cpu": "Flask-Security",
            "django.cpu": "Django sessions",
            "fastapi-users.cpu": "fastapi-users",
        },
        frozenset({"open.cpu", "gated.cpu"}),
    ),
    Chart(
        "proxy",
        "A file behind nginx, for somebody who is signed in",
        "requests per second (more is better)",
        {
            "nginx-daypass.rate": "Daypass",
            "nginx-apr1.rate": "auth_basic, MD5",
            "nginx-bcrypt.rate": "auth_basic, bcrypt",
        },
        frozenset({"nginx-daypass.rate"}),
    ),
)


def path(chart: Chart, theme: Theme) -> Path:
    return FOLDER / f"{chart.name}-{theme.name}.svg"


def draw(chart: Chart, theme: Theme, samples: Mapping[str, Spread]) -> None:
    """Write one chart: the median of each sample as a bar, its quartiles as an error bar."""
    spreads = [samples[name] for name in chart.bars]
    medians = [each.median for each in spreads]
    errors = [[each.median - each.low for each in spreads], [each.high - each.median for each in spreads]]
    colors = [theme.own if name in chart.own else theme.other for name in chart.bars]
    matplotlib.rcParams.update({"svg.hashsalt": chart.name, "text.color": theme.text, "font.size": 11})
    figure = Figure(figsize=(8, 0.9 + 0.42 * len(medians)), layout="constrained")
    axes = figure.subplots()
    bars = axes.barh(list(chart.bars.values()), medians, xerr=errors, color=colors, ecolor=theme.line, capsize=3)
    axes.bar_label(bars, labels=[number(median) for median in medians], padding=6)
    axes.invert_yaxis()
    axes.margins(x=0.12)
    axes.set_title(chart.title, loc="left", fontweight="bold")
    axes.set_xlabel(chart.axis, color=theme.text)
    axes.tick_params(colors=theme.text, length=0)
    axes.spines[:].set_visible(False)
    FOLDER.mkdir(exist_ok=True)
    figure.savefig(path(chart, theme), transparent=True, metadata={"Date": None})  # equal numbers give equal files


def main() -> None:
    samples = results.spreads(results.read(), "samples")
    for chart in CHARTS:
        for theme in THEMES:
            draw(chart, theme, samples)


if __name__ == "__main__":
    main()
