"""A proxy in front of Daypass, an app and a folder, and visitors' requests."""

import http.client
import re
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from http.cookies import SimpleCookie
from pathlib import Path
from urllib.parse import urlencode

import jwt

from daypass.program.app import create_app
from daypass.settings.environment import read_settings
from tests.conftest import PASSWORD, close_app
from tests.helpers.server import Response, Server, free_port
from tests.helpers.server import running as running_daypass
from tests.integration.proxies import file_server
from tests.integration.proxies.raw_http import HANDSHAKE, Headers, echo_over_websocket, exchange, request_bytes
from tests.integration.proxies.reverse_proxies import (
    LOGIN,
    REVERSE_PROXIES,
    ProxySetup,
    adapted,
    make_certificate,
    running_proxy,
)
from tests.integration.proxies.upstream_app import App, SeenRequest, running_app

APP, DOCS = "app.example.org", "docs.example.org"
MORE_RULES = """
[[rule]] # a public host that no proxy of these tests serves
host = "www.example.org"
allow = "public"

[[rule]] # pages that everybody may read, and that need a sign-in to write
host = "app.example.org"
path = "/read/"
methods = ["GET"]
allow = "public"
"""
COOKIE = "__Secure-daypass"
NAVIGATING = [("Accept", "text/html"), ("Sec-Fetch-Mode", "navigate")]
SCRIPT = [("Accept", "*/*"), ("Sec-Fetch-Mode", "cors")]
FILES = {
    "index.html": "<h1>The folder</h1>",
    "staff/wages.html": "<h1>Wages</h1>",
    "public/index.html": "<h1>For everybody</h1>",
    "closed/page.html": "<h1>In a folder without an index</h1>",
}


@dataclass(frozen=True)
class Deployment:
    """One proxy, and everything behind it."""

    proxy: str
    port: int
    daypass: Server
    app: App
    http_port: int

    def url(self, host: str, target: str = "/") -> str:
        return f"https://{host}:{self.port}{target}"

    def request(
        self,
        target: str,
        headers: Headers = (),
        *,
        token: str | None = None,
        host: str = APP,
        method: str = "GET",
        body: bytes = b"",
    ) -> Response:
        """Send one request, with a token as its cookie if one is given.

        A `Host` in `headers` replaces `host`.
        """
        own = [] if any(name == "Host" for name, _ in headers) else [("Host", f"{host}:{self.port}")]
        return self.send(request_bytes(method, target, [*own, *headers, *cookie(token)], body), sni=host)

    def send(self, request: bytes, sni: str = APP) -> Response:
        """Send these bytes without changes."""
        return exchange(self.port, sni, request)

    def forwarded(self, target: str, headers: Headers = (), **options: str | bytes | None) -> SeenRequest:
        """Send a request that must reach the app; returns it as the app saw it."""
        before = len(self.app.seen)
        response = self.request(target, headers, **options)  # type: ignore[arg-type]
        assert (response.status, len(self.app.seen)) == (200, before + 1)
        return self.app.seen[-1]

    def form(self, target: str, fields: dict[str, str], headers: Headers = ()) -> Response:
        """Submit a form to Daypass, as its pages do."""
        own = [("Content-Type", "application/x-www-form-urlencoded"), ("Sec-Fetch-Site", "same-origin"), *NAVIGATING]
        return self.request(target, [*own, *headers], host=LOGIN, method="POST", body=urlencode(fields).encode())

    def sign_in(self, name: str, next_url: str = "/", headers: Headers = ()) -> tuple[str, str]:
        """Sign in by the form.

        Returns the token and the URL that the browser is redirected to.
        """
        response = self.form("/login", {"username": name, "password": PASSWORD, "next": next_url}, headers)
        assert response.status == 303
        return cookies(response)[COOKIE].value, response.location

    def sign_up(self, name: str) -> str:
        """Create an account; returns its token."""
        response = self.form("/signup", {"username": name, "password": PASSWORD})
        return cookies(response)[COOKIE].value

    def command(self, *arguments: str, stdin: str = "") -> None:
        """Run `flask ...` on Daypass's database, in this process because that is faster."""
        app = create_app(read_settings(self.daypass.variables()))
        result = app.test_cli_runner().invoke(args=arguments, input=stdin)
        close_app(app)
        assert result.exit_code == 0, result.output

    def sign_out(self, token: str) -> Response:
        return self.form("/logout", {}, cookie(token))

    def socket(self, token: str | None, headers: Headers = (), pause: float = 0) -> str | None:
        """Send a message over a WebSocket after a pause (seconds).

        Returns the echo, or None if it does not open.
        """
        own = [("Host", f"{APP}:{self.port}"), *HANDSHAKE, *headers, *cookie(token)]
        return echo_over_websocket(self.port, APP, "hello", request_bytes("GET", "/socket", own), pause)

    def direct(self, target: str, headers: Headers = (), source: str = "127.0.0.1") -> Response:
        """Send a request to Daypass past the proxy, from this source address."""
        connection = http.client.HTTPConnection("127.0.0.1", self.daypass.port, timeout=20, source_address=(source, 0))
        try:
            connection.request("GET", target, headers=dict(headers))
            response = connection.getresponse()
            return Response(response.status, response.headers, response.read().decode())
        finally:
            connection.close()


def cookies(response: Response) -> SimpleCookie:
    """The cookies that a response sets."""
    jar = SimpleCookie()
    for line in response.headers.get_all("Set-Cookie", []):
        jar.load(line)
    return jar


def cookie(token: str | None) -> list[tuple[str, str]]:
    """The headers of a browser that has this token as its cookie."""
    return [] if token is None else [("Cookie", f"{COOKIE}={token}")]


def identity(token: str) -> list[tuple[str, str]]:
    """The identity headers that the app gets for the holder of a token."""
    claims = jwt.decode(token, options={"verify_signature": False})
    identity = {
        "Groups": ",".join(claims["roles"]),
        "Id": claims["sub"],
        "Name": claims["name"],
        "User": claims["name"],
    }
    return [(f"Remote-{what}", value) for what, value in identity.items() if value]


def write_site(folder: Path) -> Path:
    """Write the files of the folder behind the login."""
    for name, text in FILES.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return folder


def daypass_settings(port: int, folder: Path, parent: str = "example.org") -> dict[str, str]:
    """The settings that the files in deploy/ ask for, with the proxy's port."""
    rules = MORE_RULES + adapted("rules.toml", {})
    for host in ("app", "docs"):
        rules = rules.replace(f"{host}.example.org", f"{host}.{parent}:{port}")
    (folder / "rules.toml").write_text(rules)
    required = {
        match.group(1): match.group(2).replace("example.org", parent)
        for match in re.finditer(r"^# +(DAYPASS_\w+)=(\S+)$", adapted("nginx.conf", {}), re.MULTILINE)
    }
    own = {"DAYPASS_BASE_URL": f"https://login.{parent}:{port}", "DAYPASS_RULES": str(folder / "rules.toml")}
    return required | own | {"DAYPASS_WORKERS": "1", "DAYPASS_SIGNUP": "open"}


@contextmanager
def running_deployment(proxy: str, folder: Path, changes: Mapping[str, str] | None = None) -> Iterator[Deployment]:
    """A deployment that runs while the `with` block does.

    Alice is an admin, bob has no role.

    changes: texts to replace in the proxy's files.
    """
    port, docs = free_port(), write_site(folder / "docs")
    with ExitStack() as stack:
        app = stack.enter_context(running_app())
        docs_port = stack.enter_context(file_server.running_file_server(docs))
        daypass = stack.enter_context(running_daypass(folder, **daypass_settings(port, folder)))
        setup = ProxySetup(port, folder, daypass.port, app.port, docs, docs_port)
        make_certificate(setup)
        stack.enter_context(running_proxy(REVERSE_PROXIES[proxy](setup, changes), setup))
        deployment = Deployment(proxy, port, daypass, app, setup.http_port)
        deployment.sign_up("bob")
        deployment.command("user", "add", "alice", "--admin", "--password-stdin", stdin=PASSWORD)
        yield deployment
