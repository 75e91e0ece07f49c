"""What a visitor signs in for: the app or the page that they asked for, by its name."""

from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from flask import current_app, request
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect

from daypass.errors import AmbiguousTarget
from daypass.net.redirect_target import safe_path
from daypass.net.request_target import from_url
from daypass.runtime import Runtime
from daypass.web.page_url import own_name
from daypass.web.return_to import protected_url, return_target
from daypass.web.rules_in_force import rules_in_force
from daypass.web.static_site.access import site_host

MAX_PATH_LENGTH = 40  # characters of a path in a title
OWN_PAGES = {
    "home.home": "your pages",
    "account.account": "your pass",
    "sessions.own_sessions": "your sessions",
    "sessions.confirm_end": "one of your sessions",
    "sessions.confirm_end_others": "your other sessions",
    "api_tokens.own_tokens": "your tokens",
    "api_token_acts.confirm_revoke": "one of your tokens",
    "account_settings.settings": "your account",
    "lock_account.confirm_lock": "the page that locks your account",
    "delete_account.confirm_delete": "the page that deletes your account",
    "own_events.events": "what happened to your account",
    "own_invitations.invitations": "your invitations",
    "own_invitations.confirm_revoke": "one of your invitations",
    "members.members": "the members page",
    "lab.lab": "the lab",
    "gallery.attacks": "the attack gallery",
    "admin.accounts": "the accounts",
    "admin.redirect_to_accounts": "the accounts",
    "admin.confirm_sign_out_everybody": "the page that signs everybody out",
    "new_account.form": "the form for a new account",
    "managed_account.account": "an account",
    "managed_account.confirm_end_session": "a session of an account",
    "account_limits.confirm_remove_role": "a role of an account",
    "account_acts.confirm_sign_out": "the page that signs an account out",
    "account_acts.confirm_disable": "the page that disables an account",
    "account_acts.confirm_delete": "the page that deletes an account",
    "invitations.invitations": "the invitations",
    "invitations.confirm_revoke": "an invitation",
    "requests.requests": "the requests for accounts",
    "requests.confirm_reject": "a request for an account",
    "events.events": "the events",
    "events.download": "a download of the events",
    "rules.rules": "the rules",
    "guest_links.guest_links": "the guest links",
    "guest_links.confirm_revoke": "a guest link",
    "keys.ring": "the keys",
    "keys.confirm_drop": "a key",
    "mails.mails": "the mails",
}


@dataclass(frozen=True)
class Destination:
    """An app behind a proxy, such as `wiki.example.org`, or a page of this site, such as `the lab` or `/guide/`."""

    name: str
    is_app: bool = False


def destination(runtime: Runtime, target: str | None) -> Destination | None:
    """The destination of a redirect target, by the title of its rule if there is one; None for the home page."""
    if url := protected_url(runtime, target):
        return Destination(_title(runtime, url) or urlsplit(url).netloc, is_app=True)
    path = safe_path(return_target(runtime, target), runtime.settings.home).partition("?")[0]
    if path == runtime.settings.home:
        return None
    own = f"https://{site_host(runtime.settings, rules_in_force(runtime.rules))}{path}"
    return Destination(OWN_PAGES.get(_endpoint(path)) or _title(runtime, own) or readable_path(path))


def readable_path(path: str) -> str:
    """A quoted path for people: unquoted if that is printable, and shortened."""
    decoded = unquote(path)
    text = decoded if decoded.isprintable() else path
    return text if len(text) <= MAX_PATH_LENGTH else f"{text[: MAX_PATH_LENGTH - 1]}…"


def _title(runtime: Runtime, url: str) -> str:
    """The title of the rule that decides about a URL; empty without one, or for an ambiguous URL."""
    try:
        return rules_in_force(runtime.rules).title(from_url(url, "GET"))
    except AmbiguousTarget:
        return ""


def _endpoint(path: str) -> str:
    """The endpoint of a page of ours; an empty text if there is none at this path."""
    path = path.removeprefix(request.script_root)
    try:
        endpoint, _ = current_app.create_url_adapter(request).match(unquote(path), "GET")  # type: ignore[union-attr]
    except (HTTPException, RequestRedirect):
        return ""
    return own_name(endpoint)
