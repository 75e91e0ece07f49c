"""Which pages a guest link opens: those of its path that the same rule decides about."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from daypass.guest_links.errors import NotShareable
from daypass.net.paths import path_segments
from daypass.net.request_target import RequestTarget
from daypass.rules.model import NOBODY, Decision

METHODS = ("GET", "HEAD")
MAX_PATH_LENGTH = 1024  # characters

Decide = Callable[[RequestTarget], Decision]


@dataclass(frozen=True)
class SharedPath:
    """What a guest link opens. path: decoded; if it ends in a slash, everything below it too."""

    id: str
    label: str
    host: str
    path: str
    expires_at: datetime

    @property
    def address(self) -> str:
        """Host and path, as people read them."""
        return f"{self.host}{self.path}"


@dataclass(frozen=True)
class Guest:
    """A visitor with guest links that are valid now. It is nobody: the pages are opened without an identity."""

    shared: tuple[SharedPath, ...]

    def opens(self, page: RequestTarget, decide: Decide) -> bool:
        """Whether one of the links opens a page. decide: the rules."""
        return any(_opens(shared, page, decide) for shared in self.shared)


def _opens(shared: SharedPath, page: RequestTarget, decide: Decide) -> bool:
    """A stricter rule for a part of the path needs a link of its own, and so does a part that a later rule decides."""
    if page.method not in METHODS or page.host != shared.host or not _is_within(shared.path, page):
        return False
    decision = decide(page)
    return decision.allow != NOBODY and decision == decide(replace(page, path=shared.path))


def _is_within(path: str, page: RequestTarget) -> bool:
    """Whether the page is at the path or, if that ends in a slash, below it by whole segments."""
    if not path.endswith("/"):
        return page.path == path
    segments = path_segments(path)
    return page.segments[: len(segments)] == segments


def check_shareable(target: RequestTarget, decide: Decide) -> None:
    """Raise NotShareable for a page that nobody may see, or everybody."""
    allow = decide(target).allow
    if allow == NOBODY:
        message = f"No rule names the host {target.host}, so nobody can open this page."
        raise NotShareable("no rule names the host", message=message)
    if allow.public:
        raise NotShareable("public", message="This page is public. Send its own address: no guest link is needed.")
    if len(target.path) > MAX_PATH_LENGTH:
        raise NotShareable("too long", message=f"The path is longer than {MAX_PATH_LENGTH} characters.")
