"""The checks that proxies ask, as tests ask them: by the headers of nginx, and by those of Traefik and Caddy."""

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
IDENTITY = ("Remote-User", "Remote-Name", "Remote-Email", "Remote-Groups")
NAVIGATING = {"Accept": PAGE["Accept"], "Sec-Fetch-Mode": "navigate"}


@dataclass(frozen=True)
class Proxy:
    """The check of one kind of proxy."""

    path: str

    def headers(
        self, target: str = "/", *, scheme: str = "https", host: str = APP, method: str = "GET"
    ) -> dict[str, str]:
        """How it tells for which page it asks."""
        if self is NGINX:
            return {"X-Original-URL": f"{scheme}://{host}{target}", "X-Original-Method": method}
        return {
            "X-Forwarded-Proto": scheme,
            "X-Forwarded-Host": host,
            "X-Forwarded-Uri": target,
            "X-Forwarded-Method": method,
        }

    def ask(
        self, client: FlaskClient, target: str = "/", extra: dict[str, str] | None = None, **page: str
    ) -> TestResponse:
        """What it is told about a page; by the name that Daypass has inside, as proxies call it."""
        headers = {"Host": "daypass:8000"} | self.headers(target, **page) | (extra or {})
        return client.get(self.path, headers=headers)


NGINX, FORWARD = Proxy("/gate/nginx"), Proxy("/gate/forward")
BOTH = [NGINX, FORWARD]
NOBODY, ALICE = ["", "", "", ""], ["alice", "alice", "", ""]


def identity(answer: TestResponse) -> list[str | None]:
    """The headers that name the account, None for one that is not there; `Remote-Id` is random, so it stands apart."""
    return [answer.headers.get(name) for name in IDENTITY]


def refused(answer: TestResponse) -> bool:
    """Whether nothing opens, nobody is named, and no way in is shown."""
    told = [*identity(answer), answer.headers.get("Remote-Id")]
    return (answer.status_code, answer.headers.get("Location"), told) == (403, None, [None] * 5)


def raw(client: FlaskClient, proxy: Proxy, headers: dict[str, str]) -> TestResponse:
    """An answer to headers that a client would not let one send."""
    told = {f"HTTP_{name.upper().replace('-', '_')}": value for name, value in headers.items()}
    return client.get(proxy.path, environ_overrides=told)


def latin(text: str) -> str:
    """Text as a header's bytes reach WSGI."""
    return text.encode().decode("latin-1")


def cookie(person: Person) -> dict[str, str]:
    return {"Cookie": f"__Secure-daypass={person.token}"}
