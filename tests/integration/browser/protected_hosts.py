"""Daypass and an app on two hosts behind a proxy, for browsers.

The hosts are below daypass.localhost: browsers resolve every name below localhost to this machine, but refuse a cookie
with `Domain=localhost`, because they treat `localhost` as a public suffix like `org`. The extra label gives the hosts a
parent domain.
"""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.helpers.factories import add_account
from tests.helpers.server import free_port
from tests.integration.browser.conftest import Serve, in_a_thread
from tests.integration.proxies.deployment import daypass_settings, write_site
from tests.integration.proxies.file_server import running_file_server
from tests.integration.proxies.reverse_proxies import (
    REVERSE_PROXIES,
    ProxySetup,
    make_certificate,
    program,
    running_proxy,
)
from tests.integration.proxies.upstream_app import App, running_app

PARENT = "daypass.localhost"


@dataclass(frozen=True)
class Hosts:
    """The URLs of the hosts behind the proxy, and the app."""

    port: int
    app: App

    def url(self, host: str, target: str = "/") -> str:
        return f"https://{host}.{PARENT}:{self.port}{target}"


@contextmanager
def running_hosts(proxy: str, folder: Path, serve: Serve, password_hash: str) -> Iterator[Hosts]:
    """A proxy in front of an app, a folder and Daypass, on which charlie and bob have accounts."""
    program(proxy)
    port = free_port()
    server = serve(**daypass_settings(port, folder, PARENT))
    in_a_thread(add_account, server, password_hash, "alice", ["admin"])
    for name in ("charlie", "bob"):
        in_a_thread(add_account, server, password_hash, name)
    with ExitStack() as stack:
        app = stack.enter_context(running_app())
        docs = write_site(folder / "docs")
        docs_port = stack.enter_context(running_file_server(docs))
        setup = ProxySetup(port, folder, server.port, app.port, docs, docs_port)
        make_certificate(setup)
        command = REVERSE_PROXIES[proxy](setup, {"example.org": PARENT})
        stack.enter_context(running_proxy(command, setup, login=f"login.{PARENT}"))
        yield Hosts(port, app)
