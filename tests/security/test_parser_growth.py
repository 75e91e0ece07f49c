"""No parser of a request takes more than linear time, up to the longest input that the server lets through."""

import re
from collections.abc import Callable

import pytest

from tests.security.growth import fast_growing
from tests.security.parsers import BODY, PARSERS, Parser, shapes


@pytest.mark.parametrize("name", PARSERS)
def test_the_work_of_a_parser_is_at_most_linear(name: str) -> None:
    assert fast_growing(PARSERS[name]) == []


def _quadratic_in_python(text: str) -> object:
    return [other for index, _ in enumerate(text) for other in range(index)]


def _quadratic_in_c(text: str) -> object:
    return re.search("a.*b", text)


def _linear(text: str) -> object:
    return [ord(character) for character in text], text.count("a")


@pytest.mark.parametrize(
    ("parse", "longest", "noticed"),
    [
        (_quadratic_in_python, 2048, "steps"),
        (_quadratic_in_c, 8192, "seconds"),
        (_linear, BODY, None),
    ],
)
def test_the_measure_notices_a_quadratic_parser(
    parse: Callable[[str], object], longest: int, noticed: str | None
) -> None:
    found = fast_growing(Parser(parse, longest, shapes("a")))
    assert found == ([f"{('', 'a')}: {noticed}"] if noticed else [])
