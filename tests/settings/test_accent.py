"""The accent colour: what is readable, and the variant for the dark theme."""

import re

import pytest

from daypass.settings.accent import DARK_PAGE, ENHANCED, LIGHT_PAGE, READABLE, contrast, mixed_until, readable_accent
from tests.helpers.project import ROOT

READABLE_COLOURS = ["#000", "#0b5a41", "#05a", "#00F", "#7A00CC", "#c00", "#e60012", "#747474", "#333333"]
PALE = {"#ffee00": "1.1", "#fff": "1.0", "#8bd8b4": "1.6", "#ff6600": "2.8", "#767676": "4.4", "#f00": "3.8"}


@pytest.mark.parametrize(
    ("one", "other", "ratio"),
    [("#000000", "#ffffff", 21.0), ("#123456", "#123456", 1.0), ("#767676", "#ffffff", 4.54), ("#ff0000", "#fff", 4.0)],
)
def test_contrast_is_that_of_wcag(one: str, other: str, ratio: float) -> None:
    """The third is the palest grey that WCAG's own examples accept on white."""
    assert contrast(one, other) == contrast(other, one) == pytest.approx(ratio, abs=0.005)


@pytest.mark.parametrize("value", READABLE_COLOURS)
def test_a_readable_colour_is_taken_as_it_is_on_light_pages_and_lightened_on_dark_ones(value: str) -> None:
    accent = readable_accent(value)
    assert accent.light in (value.lower(), "#" + "".join(2 * digit for digit in value[1:].lower()))
    assert contrast(accent.light, LIGHT_PAGE) >= READABLE
    assert contrast(accent.dark, DARK_PAGE) >= ENHANCED


def test_a_lightened_colour_keeps_its_hue() -> None:
    dark = readable_accent("#0000ff").dark
    assert dark[1:3] == dark[3:5] < dark[5:]


@pytest.mark.parametrize("value", PALE)
def test_a_pale_colour_is_refused_with_its_contrast_and_one_that_would_do(value: str) -> None:
    with pytest.raises(ValueError, match="is needed") as refused:
        readable_accent(value)
    assert str(refused.value).startswith(f"{value} has a contrast of {PALE[value]} to a light page")
    proposed = re.findall("#[0-9a-f]{6}", str(refused.value))[-1]
    assert readable_accent(proposed).light == proposed


def test_no_colour_is_readable_on_both_pages() -> None:
    """Why there are two variants; greys have every luminance that a colour can have."""
    greys = [f"#{bytes([level] * 3).hex()}" for level in range(256)]
    assert [g for g in greys if min(contrast(g, LIGHT_PAGE), contrast(g, DARK_PAGE)) >= READABLE] == []


def test_a_contrast_that_no_mixture_has_ends_at_the_target() -> None:
    assert mixed_until(21, "#0b5a41", "#ffffff", DARK_PAGE) == "#ffffff"


def test_the_pages_have_the_colours_that_the_contrast_is_measured_to() -> None:
    assert re.findall(r"--page: (#\w+);", (ROOT / "static/base.css").read_text()) == [LIGHT_PAGE, DARK_PAGE]
