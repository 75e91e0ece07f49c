"""The style that is written into pages under other hosts, and the policy that allows it."""

import re
from base64 import b64encode
from hashlib import sha256

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.conftest import PAGE
from tests.helpers.project import ROOT


def bare_page(client: FlaskClient) -> TestResponse:
    """A page under another host."""
    return client.get("/", headers=PAGE | {"Host": "evil.example"})


def style(response: TestResponse) -> str:
    (found,) = re.findall("<style>(.*?)</style>", response.text, re.DOTALL)
    return str(found)


def test_the_policy_allows_the_style_of_the_page_and_nothing_else(client: FlaskClient) -> None:
    response = bare_page(client)
    digest = b64encode(sha256(style(response).encode()).digest()).decode()
    assert response.headers["Content-Security-Policy"] == (
        f"default-src 'none'; style-src 'sha256-{digest}'; form-action 'none'; "
        "frame-ancestors 'none'; base-uri 'none'; object-src 'none'"
    )


def test_the_page_needs_no_other_file(client: FlaskClient) -> None:
    for reference in ("<link", "<script", "<img", "src=", "style=", "url(", "@import"):
        assert reference not in bare_page(client).text


def test_it_has_the_design_tokens_and_no_comments(client: FlaskClient) -> None:
    text = style(bare_page(client))
    assert "--page: #fbfcfb;" in text
    assert "/*" not in text and "\n" not in text


def test_no_style_sheet_could_end_the_element() -> None:
    assert [path.name for path in ROOT.glob("static/*.css") if "</" in path.read_text()] == []


def test_a_response_to_a_program_keeps_its_policy(client: FlaskClient) -> None:
    response = client.get("/", headers={"Host": "evil.example"})
    assert "sandbox" in response.headers["Content-Security-Policy"]


def test_the_next_page_has_its_own_policy(client: FlaskClient) -> None:
    bare_page(client)
    assert "style-src 'self'" in client.get("/login", headers=PAGE).headers["Content-Security-Policy"]
