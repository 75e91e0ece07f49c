"""Daypass servers with a visitor, alice, who is signed in."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.measuring.load import get
from benchmarks.measuring.servers import Server, daypass_command, daypass_settings, running
from benchmarks.measuring.visitors import visitors
from tests.helpers.server import free_port

LOGIN, DOCS = "login.example.org", "docs.example.org"


@dataclass(frozen=True)
class Site:
    """A server, and the cookie of alice's session."""

    server: Server
    cookie: str


@dataclass(frozen=True)
class Gateway:
    """The same behind a proxy."""

    server: Server
    cookie: str

    def check(self) -> bytes:
        """The request that nginx sends for a page of DOCS, with the headers of deploy/nginx.conf."""
        return get(
            "/gate/nginx",
            host=LOGIN,
            Cookie=self.cookie,
            X_Original_URL=f"https://{DOCS}:443/files/0001.html",
            X_Original_Method="GET",
            X_Forwarded_For="192.0.2.1",
        )


@contextmanager
def site_of_alice(folder: Path, *, sessions: int = 1, **settings: str) -> Iterator[Site]:
    """A server on its own, in which alice has this many sessions."""
    port = free_port()
    environ = daypass_settings(folder, port, **settings)
    with visitors(environ) as database:
        account = database.add_account("alice")
        claims = [database.start_session(account) for _ in range(sessions)]
        cookie = f"daypass={database.token(claims[0])}"
    with running(daypass_command(), folder, port, environ) as server:
        yield Site(server, cookie)


@contextmanager
def gateway(folder: Path, *, rules: int) -> Iterator[Gateway]:
    """A server behind a proxy, with this many rules, of which the last one decides."""
    port, file = free_port(), folder / "rules.toml"
    file.write_text(rules_file(rules))
    environ = daypass_settings(
        folder,
        port,
        BASE_URL=f"https://{LOGIN}",
        COOKIE_DOMAIN="example.org",
        TRUSTED_PROXIES="127.0.0.1",
        RULES=str(file),
    )
    with visitors(environ) as database:
        cookie = f"__Secure-daypass={database.token(database.start_session(database.add_account('alice')))}"
    with running(daypass_command(), folder, port, environ) as server:
        yield Gateway(server, cookie)


def rules_file(count: int) -> str:
    """Rules for DOCS: all but the last for folders that nobody asks for."""
    others = [
        f'[[rule]]\nhost = "{DOCS}"\npath = "/team-{number}/"\nallow = {{ roles = ["team-{number}"] }}\n'
        for number in range(count - 1)
    ]
    return "\n".join([*others, f'[[rule]]\nhost = "{DOCS}"\nallow = "signed-in"\n'])
