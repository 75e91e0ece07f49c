"""What a request for a host that is not ours is told."""

import re
from html import unescape

import pytest
from flask.testing import FlaskClient

from tests.conftest import PAGE

OURS = "http://127.0.0.1:8000"
NOT_SHOWN = [
    "", "<script>", "a_b", "localhost@evil.example", "evil.example, x", "evil.example/path", "evil.example:0",
    "evil.example:99999", "a" * 254, f"{'a.' * 127}b", "evil.example:80:80", "[::1", "1.2.3.4.5", "\u00fc.example",
    "evil.example\\", "x'\"><b>",
]  # fmt: skip


def sentence(requested: str, ours: str = OURS) -> str:
    return (
        f"This request was for {requested}, but Daypass is set up for {ours}. "
        f"If the first address is right, set DAYPASS_BASE_URL={requested}."
    )


@pytest.mark.parametrize(
    ("host", "address"),
    [
        ("192.0.2.7:8000", "http://192.0.2.7:8000"),
        ("Wiki.Example.org.", "http://wiki.example.org"),
        ("wiki.example.org:80", "http://wiki.example.org"),
        ("wiki.example.org:443", "http://wiki.example.org:443"),
        ("[2001:DB8:0::1]:8000", "http://[2001:db8::1]:8000"),
    ],
)
def test_it_says_what_the_base_url_has_to_be(client: FlaskClient, host: str, address: str) -> None:
    page = client.get("/login", headers=PAGE | {"Host": host})
    assert page.status_code == 400
    assert sentence(address) in page.text
    assert f'<a class="button button--primary" href="{OURS}">' in page.text
    problem = client.get("/login", headers={"Host": host})
    assert (problem.status_code, problem.get_json()["detail"]) == (400, sentence(address))


@pytest.mark.parametrize("host", NOT_SHOWN)
def test_no_other_text_of_the_header_is_shown(client: FlaskClient, host: str) -> None:
    for headers in (PAGE, {}):
        response = client.get("/login", headers=headers, environ_overrides={"HTTP_HOST": host})
        assert response.status_code == 400
        plain = unescape(re.sub("<style>.*</style>", "", response.text))
        assert f"This request was for another address, but Daypass is set up for {OURS}." in plain
        assert "DAYPASS_BASE_URL" not in plain
        assert not host or host not in plain


def test_the_path_and_the_visitor_do_not_matter(client: FlaskClient) -> None:
    headers = PAGE | {"Host": "evil.example"}
    bodies = {client.get(path, headers=headers).text for path in ("/", "/login", "/static/base.css", "/nowhere?a=<b>")}
    assert len(bodies) == 1


class TestBehindAProxy:
    """With a base URL of https and a trusted proxy, which speaks http to Daypass."""

    @pytest.fixture
    def environ(self, environ: dict[str, str]) -> dict[str, str]:
        return environ | {"DAYPASS_BASE_URL": "https://login.example.org", "DAYPASS_TRUSTED_PROXIES": "127.0.0.1"}

    @pytest.mark.parametrize(
        ("reported", "scheme"), [(None, "https"), ("https", "https"), ("http", "http"), ("<b>", "https"), ("", "https")]
    )
    def test_the_scheme_is_the_one_that_the_proxy_reports(
        self, client: FlaskClient, reported: str | None, scheme: str
    ) -> None:
        headers = {"Host": "id.example.org"} | ({} if reported is None else {"X-Forwarded-Proto": reported})
        detail = client.get("/login", headers=headers).get_json()["detail"]
        assert detail == sentence(f"{scheme}://id.example.org", "https://login.example.org")

    def test_a_client_cannot_report_a_scheme(self, client: FlaskClient) -> None:
        headers = {"Host": "id.example.org", "X-Forwarded-Proto": "https"}
        response = client.get("/login", headers=headers, environ_overrides={"REMOTE_ADDR": "192.0.2.1"})
        assert "DAYPASS_BASE_URL=http://id.example.org." in response.text
