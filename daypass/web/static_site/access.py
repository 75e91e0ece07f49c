"""Which files of the static site a visitor may see, by the rules."""

from collections.abc import Sequence
from contextlib import ExitStack
from functools import partial

from daypass.gate import Pass
from daypass.guest_links.coverage import Guest
from daypass.net.paths import check_decoded_path
from daypass.net.request_target import RequestTarget
from daypass.rules.model import NOBODY, SIGNED_IN, Decision, Rules
from daypass.runtime import Runtime
from daypass.sessions import scopes
from daypass.settings.definitions import Settings
from daypass.static_site import files
from daypass.static_site.files import NotServed, OpenFile

WITHOUT_RULES = Decision(SIGNED_IN, api_tokens=True)


def open_for(
    runtime: Runtime, method: str, path: str, visitor: Pass | Guest | None, encodings: Sequence[str] = ()
) -> OpenFile | NotServed | None:
    """Open what is at this path; None if the rules do not allow the visitor.

    visitor: None for visitors who are neither signed in nor guests. encodings: see `files.open_file`. If the path leads
    through symbolic links, the path that they lead to must also be allowed. Raises ServiceUnavailable without valid
    rules.
    """
    if not may_see(runtime, method, path, visitor):
        return None
    found = _find(runtime, path, encodings)
    with ExitStack() as closing:
        if isinstance(found, OpenFile):
            closing.callback(found.file.close)
        real = _real_path(runtime, path, found)
        if real != path and not may_see(runtime, method, real, visitor):
            return None
        closing.pop_all()
    return found


def _find(runtime: Runtime, path: str, encodings: Sequence[str]) -> OpenFile | NotServed:
    folder = runtime.settings.site
    return NotServed.NOTHING if folder is None else files.open_file(folder, path, encodings)


def _real_path(runtime: Runtime, path: str, found: OpenFile | NotServed) -> str:
    """The path after following links; the path itself if that is not in the folder."""
    if isinstance(found, OpenFile):
        return found.path
    folder = runtime.settings.site
    return (files.real_path(folder, path) if folder else None) or path


def may_see(runtime: Runtime, method: str, path: str, visitor: Pass | Guest | None) -> bool:
    """Whether the rules allow the visitor this path, or a guest's links open it.

    API tokens need a rule that allows them.
    """
    if isinstance(visitor, Guest):
        return visitor.opens(_target(runtime, method, path), partial(decide, runtime))
    decision = _decision(runtime, method, path)
    if visitor is not None and visitor.is_api_token and not decision.api_tokens:
        return decision.allow.public
    return decision.allow.includes(visitor.claims if visitor else None)


def _decision(runtime: Runtime, method: str, path: str) -> Decision:
    """Who may see this path, by the rules; without rules, everyone who is signed in."""
    return WITHOUT_RULES if runtime.rules.path is None else decide(runtime, _target(runtime, method, path))


def decide(runtime: Runtime, target: RequestTarget) -> Decision:
    """Who may see a page, by the rules; without rules, everyone who is signed in may see the static site."""
    if runtime.rules.path is not None:
        return runtime.rules.rules.decide(target)
    is_site = runtime.settings.site is not None and target.host == scopes.own_host(runtime.settings)
    return WITHOUT_RULES if is_site else Decision(NOBODY)


def _target(runtime: Runtime, method: str, path: str) -> RequestTarget:
    """The request for a path of the site, as the rules see it."""
    loader, settings = runtime.rules, runtime.settings
    host = scopes.own_host(settings) if loader.path is None else site_host(settings, loader.rules)
    return RequestTarget(host, check_decoded_path(f"/{path}"), method)


def site_host(settings: Settings, rules: Rules) -> str:
    """The site's host; if it has several names, the one that the rules use."""
    own = scopes.own_host(settings)
    return next((host for host in (own, *settings.trusted_hosts) if host in rules.hosts), own)
