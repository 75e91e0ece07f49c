"""Which proxies may request checks, and under which host names."""

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from tests.web.forward_auth.proxy_checks import APP, LOGIN, NAVIGATION, Proxy, identity

Events = Callable[[], list[dict[str, str]]]


class TestAnyHost:
    """The proxy may use any host name."""

    @pytest.mark.parametrize("host", ["daypass:8000", "127.0.0.1:8000", "[::1]", APP, LOGIN, "evil.example", "a_b", ""])
    def test_a_check_works_under_any_host_and_uses_nothing_of_it(
        self, client: FlaskClient, proxy: Proxy, host: str
    ) -> None:
        response = proxy.check(client, "/x", NAVIGATION | {"Host": host})
        assert response.location == f"https://{LOGIN}/login?next=https://{APP}/x"

    @pytest.mark.parametrize(
        "path", ["/gate/nginx/", "/gate/", "//gate/nginx", "/gate/nginx/x", "/login", "/x/gate/nginx"]
    )
    def test_every_other_page_is_refused_under_an_unknown_host(
        self, client: FlaskClient, proxy: Proxy, path: str
    ) -> None:
        assert client.get(path, headers=proxy.headers("/public") | {"Host": "daypass:8000"}).status_code == 400


class TestDirectly:
    """Checks that do not come from a trusted proxy (attack 2 in SECURITY.md)."""

    @pytest.mark.parametrize("peer", ["192.0.2.1", "127.0.0.2", "::1", "::ffff:192.0.2.1", "", "x", None])
    def test_a_check_from_another_address_reveals_nothing(
        self, client: FlaskClient, alice: dict[str, str], events: Events, proxy: Proxy, peer: str | None
    ) -> None:
        headers = alice | {"X-Forwarded-For": "127.0.0.1", "X-Real-IP": "127.0.0.1", "X-Daypass-Proxy-Secret": ""}
        bodies = set()
        for target in ("/public", "/x", "/staff", "/../x"):
            for extra in ({}, NAVIGATION):
                all_headers = proxy.headers(target) | headers | extra
                response = client.get(proxy.path, headers=all_headers, environ_overrides={"REMOTE_ADDR": peer})
                assert (response.status_code, response.headers.get("Location"), identity(response)) == (
                    403,
                    None,
                    [None] * 4,
                )
                assert "alice" not in response.text
                bodies.add(response.text)
        assert len(bodies) == 2  # a page and a problem, the same for every target
        assert {(event["event"], event["address"]) for event in events()} == {("proxy_refused", peer)}

    def test_an_ipv4_mapped_address_is_the_same_proxy(self, client: FlaskClient, proxy: Proxy) -> None:
        mapped = {"REMOTE_ADDR": "::ffff:127.0.0.1"}
        assert client.get(proxy.path, headers=proxy.headers("/public"), environ_overrides=mapped).status_code == 200


class TestUnset:
    """Without trusted proxies and without a proxy secret."""

    @pytest.fixture
    def environ(self, environ: dict[str, str]) -> dict[str, str]:
        return {name: value for name, value in environ.items() if name != "DAYPASS_TRUSTED_PROXIES"}

    @pytest.mark.parametrize("secret", [None, "", " "])
    def test_no_proxy_is_trusted(self, client: FlaskClient, proxy: Proxy, secret: str | None) -> None:
        headers = {} if secret is None else {"X-Daypass-Proxy-Secret": secret}
        assert proxy.check(client, "/public", headers).status_code == 403


class TestBySecret:
    """With a proxy secret instead of addresses."""

    SECRET = "5e0c7d29ab4416f38c9e02b7d5a1f364"

    @pytest.fixture
    def environ(self, environ: dict[str, str]) -> dict[str, str]:
        rest = {name: value for name, value in environ.items() if name != "DAYPASS_TRUSTED_PROXIES"}
        return rest | {"DAYPASS_PROXY_SECRET": self.SECRET}

    def test_the_secret_is_trusted_from_any_address(self, client: FlaskClient, proxy: Proxy) -> None:
        headers = proxy.headers("/public") | {"X-Daypass-Proxy-Secret": self.SECRET}
        assert (
            client.get(proxy.path, headers=headers, environ_overrides={"REMOTE_ADDR": "192.0.2.1"}).status_code == 200
        )

    @pytest.mark.parametrize(
        "secret",
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
    def test_no_other_secret_is_trusted(
        self, client: FlaskClient, events: Events, proxy: Proxy, secret: str | None
    ) -> None:
        headers = {} if secret is None else {"X-Daypass-Proxy-Secret": secret}
        assert proxy.check(client, "/public", headers).status_code == 403
        assert self.SECRET not in str(events())
