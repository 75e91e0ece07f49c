"""Whose checks are answered, and under which name."""

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from tests.web.forward_auth.proxy_checks import APP, LOGIN, NAVIGATING, Proxy, identity

Events = Callable[[], list[dict[str, str]]]


class TestAnyHost:
    """The proxy calls by whatever name."""

    @pytest.mark.parametrize("host", ["daypass:8000", "127.0.0.1:8000", "[::1]", APP, LOGIN, "evil.example", "a_b", ""])
    def test_under_any_name_a_check_is_answered_and_nothing_is_derived_from_it(
        self, client: FlaskClient, proxy: Proxy, host: str
    ) -> None:
        answer = proxy.ask(client, "/x", NAVIGATING | {"Host": host})
        assert answer.location == f"https://{LOGIN}/login?next=https://{APP}/x"

    @pytest.mark.parametrize(
        "path", ["/gate/nginx/", "/gate/", "//gate/nginx", "/gate/nginx/x", "/login", "/x/gate/nginx"]
    )
    def test_every_other_page_is_refused_under_a_name_that_is_not_ours(
        self, client: FlaskClient, proxy: Proxy, path: str
    ) -> None:
        assert client.get(path, headers=proxy.headers("/public") | {"Host": "daypass:8000"}).status_code == 400


class TestDirectly:
    """Attack 2: checks that no proxy of ours asks."""

    @pytest.mark.parametrize("peer", ["192.0.2.1", "127.0.0.2", "::1", "::ffff:192.0.2.1", "", "x", None])
    def test_nobody_else_is_told_anything(
        self, client: FlaskClient, alice: dict[str, str], events: Events, proxy: Proxy, peer: str | None
    ) -> None:
        headers = alice | {"X-Forwarded-For": "127.0.0.1", "X-Real-IP": "127.0.0.1", "X-Daypass-Proxy-Secret": ""}
        told = set()
        for target in ("/public", "/x", "/staff", "/../x"):
            for extra in ({}, NAVIGATING):
                asked = proxy.headers(target) | headers | extra
                answer = client.get(proxy.path, headers=asked, environ_overrides={"REMOTE_ADDR": peer})
                assert (answer.status_code, answer.headers.get("Location"), identity(answer)) == (403, None, [None] * 4)
                assert "alice" not in answer.text
                told.add(answer.text)
        assert len(told) == 2  # a page and a problem, the same for every target
        assert {(event["event"], event["address"]) for event in events()} == {("proxy_refused", peer)}

    def test_a_peer_that_is_told_as_ipv4_in_ipv6_is_the_same_peer(self, client: FlaskClient, proxy: Proxy) -> None:
        mapped = {"REMOTE_ADDR": "::ffff:127.0.0.1"}
        assert client.get(proxy.path, headers=proxy.headers("/public"), environ_overrides=mapped).status_code == 200


class TestUnset:
    """Where neither proxies nor a secret are set."""

    @pytest.fixture
    def environ(self, environ: dict[str, str]) -> dict[str, str]:
        return {name: value for name, value in environ.items() if name != "DAYPASS_TRUSTED_PROXIES"}

    @pytest.mark.parametrize("secret", [None, "", " "])
    def test_no_proxy_is_trusted(self, client: FlaskClient, proxy: Proxy, secret: str | None) -> None:
        headers = {} if secret is None else {"X-Daypass-Proxy-Secret": secret}
        assert proxy.ask(client, "/public", headers).status_code == 403


class TestBySecret:
    """Where proxies are known by what they send."""

    SECRET = "5e0c7d29ab4416f38c9e02b7d5a1f364"

    @pytest.fixture
    def environ(self, environ: dict[str, str]) -> dict[str, str]:
        rest = {name: value for name, value in environ.items() if name != "DAYPASS_TRUSTED_PROXIES"}
        return rest | {"DAYPASS_PROXY_SECRET": self.SECRET}

    def test_the_secret_opens_from_anywhere(self, client: FlaskClient, proxy: Proxy) -> None:
        headers = proxy.headers("/public") | {"X-Daypass-Proxy-Secret": self.SECRET}
        assert (
            client.get(proxy.path, headers=headers, environ_overrides={"REMOTE_ADDR": "192.0.2.1"}).status_code == 200
        )

    @pytest.mark.parametrize(
        "told",
        [
            None,
            "",
            " ",
            SECRET[:-1],
            SECRET + "0",
            SECRET.upper(),
            f"{SECRET},{SECRET}",
            f"{SECRET}, x",
            "\xff" * 32,
            "é",
        ],
    )
    def test_no_other_does(self, client: FlaskClient, events: Events, proxy: Proxy, told: str | None) -> None:
        headers = {} if told is None else {"X-Daypass-Proxy-Secret": told}
        assert proxy.ask(client, "/public", headers).status_code == 403
        assert self.SECRET not in str(events())
