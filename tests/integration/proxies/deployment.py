"""A proxy with Daypass, an app and a folder behind it, and what visitors do there."""

import http.client
import re
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from http.cookies import SimpleCookie
from pathlib import Path
from urllib.parse import urlencode

import jwt

from app import create_app
from daypass.settings.environment import read_settings
from tests.conftest import PASSWORD, close_app
from tests.helpers.server import Response, Server, free_port
from tests.helpers.server import running as running_daypass
from tests.integration.proxies import file_server
from tests.integration.proxies.raw_http import HANDSHAKE, Headers, exchange, say, written
from tests.integration.proxies.reverse_proxies import FRONTS, LOGIN, Places, changed, make_certificate, running
from tests.integration.proxies.upstream_app import App, Seen, running_app

APP, DOCS = "app.example.org", "docs.example.org"
MORE_RULES = """
[[rule]] # a host that is open to everybody, and is served elsewhere
host = "www.example.org"
allow = "public"

[[rule]] # what everybody may read, and who is signed in may write
host = "app.example.org"
path = "/read/"
methods = ["GET"]
allow = "public"
"""
COOKIE = "__Secure-daypass"
NAVIGATES = [("Accept", "text/html"), ("Sec-Fetch-Mode", "navigate")]
SCRIPT = [("Accept", "*/*"), ("Sec-Fetch-Mode", "cors")]
FILES = {
    "index.html": "<h1>The folder</h1>",
    "staff/wages.html": "<h1>Wages</h1>",
    "public/index.html": "<h1>For everybody</h1>",
}


@dataclass(frozen=True)
class World:
    """One proxy, and all that is behind it."""

    proxy: str
    port: int
    daypass: Server
    app: App
    plain: int  # the port for http

    def url(self, host: str, target: str = "/") -> str:
        return f"https://{host}:{self.port}{target}"

    def ask(
        self,
        target: str,
        headers: Headers = (),
        *,
        token: str | None = None,
        host: str = APP,
        method: str = "GET",
        body: bytes = b"",
    ) -> Response:
        """One request, with a token as its cookie if one is given. A `Host` among the headers stands in for `host`."""
        own = [] if any(name == "Host" for name, _ in headers) else [("Host", f"{host}:{self.port}")]
        return self.send(written(method, target, [*own, *headers, *cookie(token)], body), sni=host)

    def send(self, request: bytes, sni: str = APP) -> Response:
        """These very bytes."""
        return exchange(self.port, sni, request)

    def reached(self, target: str, headers: Headers = (), **more: str | bytes | None) -> Seen:
        """What the app sees of a request that reaches it."""
        before = len(self.app.seen)
        answer = self.ask(target, headers, **more)  # type: ignore[arg-type]
        assert (answer.status, len(self.app.seen)) == (200, before + 1)
        return self.app.seen[-1]

    def form(self, target: str, fields: dict[str, str], headers: Headers = ()) -> Response:
        """Send a form to Daypass, as the page does."""
        own = [("Content-Type", "application/x-www-form-urlencoded"), ("Sec-Fetch-Site", "same-origin"), *NAVIGATES]
        return self.ask(target, [*own, *headers], host=LOGIN, method="POST", body=urlencode(fields).encode())

    def sign_in(self, name: str, way_back: str = "/", headers: Headers = ()) -> tuple[str, str]:
        """Sign in by the form; returns the token, and where the browser is sent."""
        answer = self.form("/login", {"username": name, "password": PASSWORD, "next": way_back}, headers)
        assert answer.status == 303
        return cookies(answer)[COOKIE].value, answer.location

    def sign_up(self, name: str) -> str:
        """The token of somebody new."""
        answer = self.form("/signup", {"username": name, "password": PASSWORD})
        return cookies(answer)[COOKIE].value

    def command(self, *arguments: str, stdin: str = "") -> None:
        """Run `flask ...` on Daypass's database, in this process, which is faster."""
        app = create_app(read_settings(self.daypass.variables()))
        done = app.test_cli_runner().invoke(args=arguments, input=stdin)
        close_app(app)
        assert done.exit_code == 0, done.output

    def sign_out(self, token: str) -> Response:
        return self.form("/logout", {}, cookie(token))

    def socket(self, token: str | None, headers: Headers = (), pause: float = 0) -> str | None:
        """What a WebSocket says back after a pause (seconds), or None where it does not open."""
        own = [("Host", f"{APP}:{self.port}"), *HANDSHAKE, *headers, *cookie(token)]
        return say(self.port, APP, "hello", written("GET", "/socket", own), pause)

    def direct(self, target: str, headers: Headers = (), source: str = "127.0.0.1") -> Response:
        """A request to Daypass past the proxy, from this address of ours."""
        connection = http.client.HTTPConnection("127.0.0.1", self.daypass.port, timeout=20, source_address=(source, 0))
        try:
            connection.request("GET", target, headers=dict(headers))
            got = connection.getresponse()
            return Response(got.status, got.headers, got.read().decode())
        finally:
            connection.close()


def cookies(answer: Response) -> SimpleCookie:
    """The cookies that an answer sets."""
    found = SimpleCookie()
    for line in answer.headers.get_all("Set-Cookie", []):
        found.load(line)
    return found


def cookie(token: str | None) -> list[tuple[str, str]]:
    """The header that carries a token as a browser's cookie."""
    return [] if token is None else [("Cookie", f"{COOKIE}={token}")]


def identity(token: str) -> list[tuple[str, str]]:
    """What an app is told about the holder of a token, as `Seen.identity` has it."""
    claims = jwt.decode(token, options={"verify_signature": False})
    told = {"Groups": ",".join(claims["roles"]), "Id": claims["sub"], "Name": claims["name"], "User": claims["name"]}
    return [(f"Remote-{what}", value) for what, value in told.items() if value]


def fill(folder: Path) -> Path:
    """Write the files of the folder that is behind the login."""
    for name, text in FILES.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return folder


def daypass_settings(port: int, folder: Path, parent: str = "example.org") -> dict[str, str]:
    """The settings that the files of deploy/ ask for, with the proxy's port."""
    rules = MORE_RULES + changed("rules.toml", {})
    for host in ("app", "docs"):
        rules = rules.replace(f"{host}.example.org", f"{host}.{parent}:{port}")
    (folder / "rules.toml").write_text(rules)
    asked_for = {
        match.group(1): match.group(2).replace("example.org", parent)
        for match in re.finditer(r"^# +(DAYPASS_\w+)=(\S+)$", changed("nginx.conf", {}), re.MULTILINE)
    }
    own = {"DAYPASS_BASE_URL": f"https://login.{parent}:{port}", "DAYPASS_RULES": str(folder / "rules.toml")}
    return asked_for | own | {"DAYPASS_WORKERS": "1", "DAYPASS_SIGNUP": "open"}


@contextmanager
def standing(proxy: str, folder: Path, more: Mapping[str, str] | None = None) -> Iterator[World]:
    """All of it, for a `with` block; alice is an admin, bob is nobody special. more: changes in the proxy's files."""
    port, docs = free_port(), fill(folder / "docs")
    with ExitStack() as stack:
        app = stack.enter_context(running_app())
        docs_port = stack.enter_context(file_server.running(docs))
        daypass = stack.enter_context(running_daypass(folder, **daypass_settings(port, folder)))
        places = Places(port, folder, daypass.port, app.port, docs, docs_port)
        make_certificate(places)
        stack.enter_context(running(FRONTS[proxy](places, more), places))
        world = World(proxy, port, daypass, app, places.plain)
        world.sign_up("bob")
        world.command("user", "add", "alice", "--admin", "--password-stdin", stdin=PASSWORD)
        yield world
