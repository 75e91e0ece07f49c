"""The accent colour of the pages, and its contrast to them (WCAG 2.2, success criterion 1.4.3)."""

import re
from dataclasses import dataclass

LIGHT_PAGE, DARK_PAGE = "#fbfcfb", "#0f1312"  # `--page` in static/base.css
READABLE = 4.5
ENHANCED = 7.0  # success criterion 1.4.6; of the dark variant, which is free to choose
STEPS = 100  # from a colour to black or white

RGB = tuple[int, int, int]


@dataclass(frozen=True)
class Accent:
    """The accent colour in both themes, as `#rrggbb`. Text on it has the colour of the page."""

    light: str
    dark: str


def readable_accent(value: str) -> Accent:
    """`#rgb` or `#rrggbb`, readable on the light page. Its dark variant is the colour itself, or a lighter one.

    No colour is readable on both pages. Raises ValueError with the measured contrast, and a colour that has enough.
    """
    if not re.fullmatch("#(?:[0-9a-f]{3}|[0-9a-f]{6})", value, re.ASCII | re.IGNORECASE):
        raise ValueError("it must be a colour in hexadecimal digits, such as #0b5a41 or #05a")
    colour = _hex(_rgb(value))
    measured = contrast(colour, LIGHT_PAGE)
    if measured < READABLE:
        darker = mixed_until(READABLE, colour, "#000000", LIGHT_PAGE)
        raise ValueError(
            f"{value} has a contrast of {_rounded_down(measured)} to a light page, and {READABLE} is needed, "
            f"as {darker} has"
        )
    return Accent(light=colour, dark=mixed_until(ENHANCED, colour, "#ffffff", DARK_PAGE))


def contrast(one: str, other: str) -> float:
    """The contrast ratio of two colours, from 1 to 21."""
    darker, lighter = sorted((_luminance(_rgb(one)), _luminance(_rgb(other))))
    return (lighter + 0.05) / (darker + 0.05)


def mixed_until(ratio: float, colour: str, target: str, page: str) -> str:
    """The colour mixed with the least of the target that has this contrast to the page; the target if none has."""
    one, other = _rgb(colour), _rgb(target)
    for step in range(STEPS):
        red, green, blue = (round(a + (b - a) * step / STEPS) for a, b in zip(one, other, strict=True))
        if contrast(mixed := _hex((red, green, blue)), page) >= ratio:
            return mixed
    return target


def _luminance(colour: RGB) -> float:
    """The relative luminance of an sRGB colour, from 0 to 1 (WCAG 2.2, section 6)."""
    red, green, blue = (_linear(channel / 255) for channel in colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(channel: float) -> float:
    return channel / 12.92 if channel <= 0.04045 else float(((channel + 0.055) / 1.055) ** 2.4)


def _rgb(text: str) -> RGB:
    digits = text[1:] if len(text) == 7 else "".join(2 * digit for digit in text[1:])
    red, green, blue = bytes.fromhex(digits)
    return red, green, blue


def _hex(colour: RGB) -> str:
    return f"#{bytes(colour).hex()}"


def _rounded_down(ratio: float) -> str:
    """One digit, rounded down, so that 4.49 is not told as 4.5."""
    return f"{int(ratio * 10) / 10:.1f}"
