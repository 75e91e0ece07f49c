"""The descriptions of pages, which search engines and messengers show."""

import html
import re
from collections.abc import Callable

import pytest
from flask import Flask

from tests.conftest import PAGE, Person


@pytest.fixture
def environ(environ: dict[str, str]) -> dict[str, str]:
    return environ | {"DAYPASS_SIGNUP": "open", "DAYPASS_LAB": "open"}


def test_pages_that_people_link_to_describe_themselves(app: Flask, sign_in: Callable[..., Person]) -> None:
    signed_in, guest = sign_in("alice").client, app.test_client()
    pages = [guest.get(path, headers=PAGE) for path in ("/", "/login", "/signup", "/lab")]
    pages.append(signed_in.get("/lab/attacks", headers=PAGE))
    found = [re.findall('<meta name="description" content="([^"]*)">', page.text) for page in pages]
    assert [page.status_code for page in pages] == [200] * 5
    assert all(40 <= len(html.unescape(text)) <= 160 for (text,) in found)
    assert len({text for (text,) in found}) == 5
