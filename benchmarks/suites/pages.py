"""Pages of Daypass, and the pages of its peers."""

from contextlib import ExitStack
from pathlib import Path

from benchmarks.measuring.load import Case, get
from benchmarks.measuring.rounds import Samples, Scale, Tell, measure
from benchmarks.measuring.servers import new_folder
from benchmarks.suites import gated_pages, peers
from benchmarks.suites.daypass_servers import site_of_alice

OWN_PAGES = {
    "account": ("/account", b"alice"),
    "lab": ("/lab", b"HS256"),
    "sessions": ("/account/sessions", b"Active"),
    "attacks": ("/lab/attacks", b"alg"),
}
SESSIONS = 3
CONNECTIONS = 4  # few, because requests that run at the end of a slice cost CPU and are not counted


def run(folder: Path, scale: Scale, tell: Tell) -> Samples:
    with ExitStack() as stack:
        cases = stack.enter_context(gated_pages.cases(folder))
        for peer in peers.ALL:
            tell(f"pages, starting {peer.name}")
            cases.append(stack.enter_context(peers.signed_in_page(peer, new_folder(folder, peer.name))))
        daypass = stack.enter_context(site_of_alice(new_folder(folder, "own-pages"), sessions=SESSIONS))
        cases.append(Case("sign-in-page", daypass.server, [get("/login")], b"Sign in", connections=CONNECTIONS))
        for name, (path, expected) in OWN_PAGES.items():
            request = get(path, Cookie=daypass.cookie)
            cases.append(Case(name, daypass.server, [request], expected, connections=CONNECTIONS))
        return measure("pages", cases, scale, tell)
