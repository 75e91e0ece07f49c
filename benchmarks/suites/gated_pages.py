"""The page open and gated, and the proxy check, against a bare page and a bare answer: all of `make bench-quick`."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from benchmarks.measuring.load import Case, get
from benchmarks.measuring.rounds import Samples, Scale, Tell, measure
from benchmarks.measuring.servers import granian, new_folder, project_granian, running
from benchmarks.suites.daypass_servers import gateway, site_of_alice
from tests.helpers.server import free_port

HELLO = b"Hello, alice."


@contextmanager
def cases(folder: Path) -> Iterator[list[Case]]:
    """The cases, while their servers run. Every request has the visitor's cookie, even if the page ignores it."""
    with ExitStack() as stack:
        daypass = stack.enter_context(site_of_alice(new_folder(folder, "pages")))
        gate = stack.enter_context(gateway(new_folder(folder, "check"), rules=10))
        bare = {}
        for name in ("flask", "wsgi"):
            command = granian(f"benchmarks.apps.bare_{name}:app", port=(port := free_port()), program=project_granian())
            bare[name] = stack.enter_context(running(command, folder, port))
        cookie = daypass.cookie
        yield [
            Case("flask", bare["flask"], [get("/page", Cookie=cookie)], HELLO),
            Case("open", daypass.server, [get("/open", Cookie=cookie)], HELLO),
            Case("gated", daypass.server, [get("/gated", Cookie=cookie)], HELLO),
            Case("wsgi", bare["wsgi"], [get("/", Cookie=cookie)]),
            Case("check", gate.server, [gate.check()], b"alice"),
        ]


def run(folder: Path, scale: Scale, tell: Tell) -> Samples:
    with cases(folder) as all_cases:
        return measure("gate and check", all_cases, scale, tell)
