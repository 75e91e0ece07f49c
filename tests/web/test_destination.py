"""What a visitor signs in for."""

from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from daypass.web.context import current_runtime
from daypass.web.destination import OWN_PAGES, Destination, destination
from daypass.web.page_url import own_name
from tests.conftest import PAGE
from tests.helpers.redirect_targets import HOSTILE
from tests.web.forward_auth.proxy_checks import APP, LOGIN, RULES, SETTINGS


@pytest.fixture
def environ(environ: dict[str, str], tmp_path: Path) -> dict[str, str]:
    rules = tmp_path / "rules.toml"
    rules.write_text(RULES)
    return environ | SETTINGS | {"DAYPASS_RULES": str(rules)}


def found(app: Flask, target: str | None) -> Destination | None:
    with app.test_request_context(base_url=f"https://{LOGIN}"):
        return destination(current_runtime(), target)


@pytest.mark.parametrize(
    ("target", "name"),
    [
        (f"https://{APP}/x?y=1", APP),
        (f"https://{APP.upper()}.:443", APP),
        ("https://nas.example.org:8443/", "nas.example.org:8443"),
    ],
)
def test_a_page_on_another_host_has_the_name_of_the_host(app: Flask, target: str, name: str) -> None:
    assert found(app, target) == Destination(name, is_app=True)


def test_a_page_of_this_site_has_its_title_or_its_path(app: Flask) -> None:
    assert found(app, "/members?x=1") == Destination("the members page")
    assert found(app, "/nothing") == Destination("/nothing")


FOR_PROGRAMS = "api.me"


def test_every_page_that_asks_visitors_to_sign_in_has_a_name(app: Flask) -> None:
    readable = {own_name(rule.endpoint) for rule in app.url_map.iter_rules() if "GET" in (rule.methods or ())}
    views = {own_name(endpoint): view for endpoint, view in app.view_functions.items()}
    gated = {endpoint for endpoint in readable if hasattr(views[endpoint], "required_role")}
    assert gated - OWN_PAGES.keys() == {FOR_PROGRAMS}
    assert OWN_PAGES.keys() <= readable


@pytest.mark.parametrize(
    ("path", "name"),
    [
        (f"/admin/accounts/{'a' * 32}", "an account"),
        (f"/admin/accounts/{'a' * 32}/delete?x=1", "the page that deletes an account"),
        ("/admin/accounts/new", "the form for a new account"),
        ("/account/tokens", "your tokens"),
    ],
)
def test_the_title_of_an_own_page_has_its_name_and_no_path(client: FlaskClient, path: str, name: str) -> None:
    response = client.get(path, base_url=f"https://{LOGIN}", headers=PAGE)
    assert (response.status_code, f"<h1>Sign in to see {name}</h1>" in response.text) == (401, True)


def test_the_title_of_the_rule_comes_first(app: Flask, environ: dict[str, str]) -> None:
    titled = f'[[rule]]\nhost = "{APP}"\npath = "/wiki/**"\nallow = "signed-in"\ntitle = "The <b>wiki</b>"\n\n'
    rules = Path(environ["DAYPASS_RULES"])
    rules.write_text(titled + titled.replace(APP, LOGIN).replace("/wiki", "/guide") + rules.read_text())
    assert found(app, f"https://{APP}/wiki/x") == Destination("The <b>wiki</b>", is_app=True)
    assert found(app, "/guide/x?y=1") == Destination("The <b>wiki</b>")
    assert found(app, f"https://{APP}/other") == Destination(APP, is_app=True)
    page = app.test_client().get("/login?next=/guide/x", base_url=f"https://{LOGIN}", headers=PAGE).text
    assert "<h1>Sign in to see The &lt;b&gt;wiki&lt;/b&gt;</h1>" in page


@pytest.mark.parametrize("target", ["/", f"https://{LOGIN}/members", *HOSTILE])
def test_no_other_target_is_one(app: Flask, target: str | None) -> None:
    assert found(app, target) is None


def heading(client: FlaskClient, query: str) -> str:
    page = client.get(f"/login{query}", base_url=f"https://{LOGIN}", headers=PAGE).text
    return page.partition("<h1>")[2].partition("</h1>")[0]


def test_the_sign_in_page_names_it(client: FlaskClient) -> None:
    assert heading(client, f"?next=https://{APP}/x") == f"Sign in to {APP}"
    assert heading(client, "?next=https://evil.example/") == "Sign in"
    assert heading(client, "") == "Sign in"
