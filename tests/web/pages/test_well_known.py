"""Well-known URLs: security.txt and change-password."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from tests.conftest import PAGE, PASSWORD, Person

SECURITY_TXT = "/.well-known/security.txt"
CHANGE_PASSWORD = "/.well-known/change-password"
CONTACT = "mailto:security@example.org"


def fields(text: str) -> dict[str, str]:
    """The fields of a security.txt; none may be there twice."""
    lines = [line.split(": ", 1) for line in text.splitlines()]
    assert len({name for name, _ in lines}) == len(lines)
    return {name: value for name, value in lines}


def test_without_a_contact_there_is_no_security_txt(client: FlaskClient) -> None:
    assert client.get(SECURITY_TXT).status_code == 404


class TestWithAContact:
    """With DAYPASS_SECURITY_CONTACT set, over https."""

    @pytest.fixture
    def environ(self, environ: dict[str, str]) -> dict[str, str]:
        return environ | {"DAYPASS_SECURITY_CONTACT": CONTACT, "DAYPASS_BASE_URL": "https://login.example.org"}

    def test_security_txt_has_the_fields_of_rfc_9116(self, client: FlaskClient) -> None:
        response = client.get(SECURITY_TXT, headers={"Host": "login.example.org"})
        assert (response.status_code, response.content_type) == (200, "text/plain; charset=utf-8")
        found = fields(response.text)
        assert found.pop("Expires")
        assert found == {
            "Contact": CONTACT,
            "Canonical": "https://login.example.org/.well-known/security.txt",
            "Preferred-Languages": "en",
        }

    def test_it_expires_in_months_and_within_a_year(self, client: FlaskClient) -> None:
        found = fields(client.get(SECURITY_TXT, headers={"Host": "login.example.org"}).text)
        assert found["Expires"].endswith("Z")
        left = datetime.fromisoformat(found["Expires"]) - datetime.now(UTC)
        assert timedelta(days=90) < left < timedelta(days=365)

    def test_it_can_only_be_read(self, client: FlaskClient) -> None:
        headers = {"Host": "login.example.org"}
        assert client.head(SECURITY_TXT, headers=headers).status_code == 200
        assert client.post(SECURITY_TXT, headers=headers).status_code == 405


class TestOverPlainHttp:
    """A web URI in security.txt must be https (RFC 9116 section 2.5.2)."""

    @pytest.fixture
    def environ(self, environ: dict[str, str]) -> dict[str, str]:
        return environ | {"DAYPASS_SECURITY_CONTACT": CONTACT}

    def test_there_is_no_canonical_field(self, client: FlaskClient) -> None:
        assert "http:" not in client.get(SECURITY_TXT).text
        assert "Canonical" not in fields(client.get(SECURITY_TXT).text)


def test_change_password_leads_to_the_form(sign_in: Callable[..., Person]) -> None:
    alice = sign_in("alice").client
    response = alice.get(CHANGE_PASSWORD)
    assert response.status_code in (302, 303, 307)
    path, _, anchor = response.location.partition("#")
    page = alice.get(path, headers=PAGE)
    assert page.status_code == 200
    section = page.text.partition(f'id="{anchor}"')[2].partition("</section>")[0]
    assert 'autocomplete="new-password"' in section


def test_somebody_who_is_not_signed_in_gets_there_by_signing_in(
    client: FlaskClient, add_account: Callable[..., str]
) -> None:
    add_account("bob")
    target = client.get(CHANGE_PASSWORD, headers=PAGE).location.partition("#")[0]
    assert client.get(target, headers=PAGE).status_code == 401
    data = {"username": "bob", "password": PASSWORD, "next": target}
    assert client.post("/login", headers=PAGE, data=data).location == target
    assert client.get(target, headers=PAGE).status_code == 200


def test_a_well_known_url_that_should_not_exist_does_not(client: FlaskClient, sign_in: Callable[..., Person]) -> None:
    """Password managers rely on this (W3C change-password, section 4)."""
    path = "/.well-known/resource-that-should-not-exist-whose-status-code-should-not-be-200"
    for visitor in (client, sign_in("alice").client):
        assert visitor.get(path, headers=PAGE, follow_redirects=True).status_code >= 400


class TestBesideAFolder:
    """With a site, own pages are under `/-/`, but well-known URLs stay."""

    @pytest.fixture
    def environ(self, environ: dict[str, str], tmp_path: Path) -> dict[str, str]:
        (tmp_path / "public/.well-known").mkdir(parents=True)
        (tmp_path / "public/.well-known/security.txt").write_text("the folder's own")
        return environ | {"DAYPASS_SITE": str(tmp_path / "public"), "DAYPASS_SECURITY_CONTACT": CONTACT}

    def test_daypass_serves_both(self, client: FlaskClient) -> None:
        assert fields(client.get(SECURITY_TXT).text)["Contact"] == CONTACT
        assert client.get(CHANGE_PASSWORD).location == "/-/account/settings#change-password"

    def test_a_well_known_url_that_should_not_exist_does_not(
        self, client: FlaskClient, sign_in: Callable[..., Person]
    ) -> None:
        test_a_well_known_url_that_should_not_exist_does_not(client, sign_in)
