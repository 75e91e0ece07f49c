"""The checks that nginx, and Traefik and Caddy, request about a page."""

from dataclasses import dataclass

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.conftest import PAGE, Person

LOGIN, APP = "login.example.org", "app.example.org"
RULES = f"""
[[rule]]
host = "{APP}"
path = "/public"
methods = ["GET"]
allow = "public"

[[rule]]
host = "{APP}"
path = "/staff"
allow = {{ roles = ["staff"] }}

[[rule]]
host = "{APP}"
path = "/bob"
allow = {{ names = ["bob"] }}

[[rule]]
host = ["{APP}", "nas.example.org:8443", "far.example"]
allow = "signed-in"
"""
SETTINGS = {
    "DAYPASS_BASE_URL": f"https://{LOGIN}",
    "DAYPASS_TRUSTED_PROXIES": "127.0.0.1",
    "DAYPASS_COOKIE_DOMAIN": "example.org",
}
IDENTITY_HEADERS = ("Remote-User", "Remote-Name", "Remote-Email", "Remote-Groups")
# The headers of a browser that navigates.
NAVIGATION = {"Accept": PAGE["Accept"], "Sec-Fetch-Mode": "navigate"}


@dataclass(frozen=True)
class Proxy:
    """The check that one kind of proxy requests."""

    path: str

    def headers(
        self, target: str = "/", *, scheme: str = "https", host: str = APP, method: str = "GET"
    ) -> dict[str, str]:
        """The headers with which the proxy names the page."""
        if self is NGINX:
            return {"X-Original-URL": f"{scheme}://{host}{target}", "X-Original-Method": method}
        return {
            "X-Forwarded-Proto": scheme,
            "X-Forwarded-Host": host,
            "X-Forwarded-Uri": target,
            "X-Forwarded-Method": method,
        }

    def check(
        self, client: FlaskClient, target: str = "/", extra: dict[str, str] | None = None, **page: str
    ) -> TestResponse:
        """Request a check, under Daypass's internal host name as proxies do."""
        headers = {"Host": "daypass:8000"} | self.headers(target, **page) | (extra or {})
        return client.get(self.path, headers=headers)


NGINX, FORWARD = Proxy("/gate/nginx"), Proxy("/gate/forward")
PROXIES = [NGINX, FORWARD]
# What `identity` returns.
ANONYMOUS, ALICE = ["", "", "", ""], ["alice", "alice", "", ""]


def identity(response: TestResponse) -> list[str | None]:
    """The values of IDENTITY_HEADERS; None for a header that is not sent."""
    return [response.headers.get(name) for name in IDENTITY_HEADERS]


def refused(response: TestResponse) -> bool:
    """Whether the check is a 403 without a redirect and without any identity."""
    identity_headers = [*identity(response), response.headers.get("Remote-Id")]
    return (response.status_code, response.headers.get("Location"), identity_headers) == (403, None, [None] * 5)


def check_with_raw_headers(client: FlaskClient, proxy: Proxy, headers: dict[str, str]) -> TestResponse:
    """Request a check with headers that the test client would refuse to send."""
    overrides = {f"HTTP_{name.upper().replace('-', '_')}": value for name, value in headers.items()}
    return client.get(proxy.path, environ_overrides=overrides)


def as_wsgi_text(text: str) -> str:
    """The text as WSGI decodes its bytes in a header (PEP 3333)."""
    return text.encode().decode("latin-1")


def cookie_header(person: Person) -> dict[str, str]:
    return {"Cookie": f"__Secure-daypass={person.token}"}
