"""The page that a visitor without access gets, from nginx, Caddy and Traefik."""

import json
import re
from base64 import b64encode
from hashlib import sha256

import pytest

from tests.helpers.server import Response
from tests.integration.proxies.deployment import APP, DOCS, NAVIGATING, SCRIPT, Deployment
from tests.integration.proxies.reverse_proxies import LOGIN


def refused(deployment: Deployment, token: str, target: str, host: str = APP) -> Response:
    response = deployment.request(target, NAVIGATING, token=token, host=host)
    assert (response.status, response.location) == (403, "")
    return response


@pytest.mark.parametrize(("host", "target"), [(APP, "/staff/wages"), (DOCS, "/staff/wages.html")])
def test_it_says_who_the_visitor_is_and_what_is_closed(
    deployment: Deployment, bob: str, host: str, target: str
) -> None:
    page = refused(deployment, bob, target, host)
    assert page.headers.get_content_type() == "text/html"
    assert f"<bdi>{host}{target}</bdi>" in page.body
    assert "<dd>bob</dd>" in page.body
    link = f"https://{LOGIN}:{deployment.port}/login?switch=1&amp;next={deployment.url(host, target)}"
    assert f'href="{link}">Sign in as somebody else' in page.body


def test_the_policy_arrives_once_and_allows_the_style_of_the_page_and_nothing_else(
    deployment: Deployment, bob: str
) -> None:
    page = refused(deployment, bob, "/staff/wages")
    (style,) = re.findall("<style>(.*?)</style>", page.body, re.DOTALL)
    (policy,) = page.headers.get_all("Content-Security-Policy", [])
    digest = b64encode(sha256(style.encode()).digest()).decode()
    assert {"default-src 'none'", f"style-src 'sha256-{digest}'"} <= set(policy.split("; "))
    assert "script-src" not in policy
    assert re.findall(r'(?:href|src|action)="(?!https://login\.example\.org:)', page.body) == []
    assert page.headers["Cache-Control"] == "no-store"


def test_a_script_gets_problem_details(deployment: Deployment, bob: str) -> None:
    response = deployment.request("/staff/wages", SCRIPT, token=bob)
    assert (response.status, response.headers.get_content_type()) == (403, "application/problem+json")
    assert json.loads(response.body)["detail"] == "You do not have access to this page."


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
def test_a_refused_form_gets_the_page_too(deployment: Deployment, bob: str, method: str) -> None:
    before = len(deployment.app.seen)
    page = deployment.request("/staff/wages", NAVIGATING, token=bob, method=method, body=b"a" * 20_000)
    assert (page.status, len(deployment.app.seen)) == (403, before)
    assert f"<bdi>{APP}/staff/wages</bdi>" in page.body


@pytest.mark.parametrize("query", ["explain", "explain=1", "x&explain"])
def test_the_query_of_a_page_does_not_ask_for_the_explanation(deployment: Deployment, bob: str, query: str) -> None:
    assert deployment.request(f"/?{query}", NAVIGATING, token=bob).status == 200
    assert deployment.request(f"/?{query}", NAVIGATING).status == 302


def test_an_ambiguous_address_is_refused_without_repeating_it(deployment: Deployment, bob: str) -> None:
    page = deployment.request("/staff%2f<b>", NAVIGATING, token=bob)
    assert page.status in (400, 403)
    assert "<b>" not in page.body and "%2f" not in page.body


def test_a_refusal_of_the_app_itself_is_passed_on(deployment: Deployment, bob: str) -> None:
    response = deployment.request("/own-403", NAVIGATING, token=bob)
    assert (response.status, response.body) == (403, "the app's own refusal")


def test_a_refusal_is_recorded_once(deployment: Deployment, bob: str) -> None:
    """nginx asks twice: for the verdict, then for the page."""
    target = f"/staff/{deployment.proxy}"
    refused(deployment, bob, target)
    assert deployment.daypass.log.count(f'"page": "{target}"') == 1


def test_a_folder_that_the_file_server_does_not_list_is_explained_by_nginx_and_opens_nothing(
    deployment: Deployment, bob: str
) -> None:
    """The rules let bob see it, so the second check would succeed."""
    status = {"nginx": 403, "caddy": 404, "traefik": 200}[deployment.proxy]
    response = deployment.request("/closed/", NAVIGATING, token=bob, host=DOCS)
    assert (response.status, f"<bdi>{DOCS}/closed/</bdi>" in response.body) == (status, status == 403)
    assert "Remote-User" not in response.headers
