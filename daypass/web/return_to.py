"""Where somebody who came in goes on to, with which cookie, and what is left of it when they leave."""

from collections.abc import Mapping
from urllib.parse import urlsplit

from flask import url_for

from daypass.errors import ServiceUnavailable
from daypass.net.redirect_target import HOME, safe_path, safe_url
from daypass.runtime import process
from daypass.web import security_headers

SIGN_IN_ENDPOINTS = ("signin.login", "signin.logout", "signup.signup", "signup.setup")  # no page to come back to


def return_target(target: str | None) -> str:
    """The page to go to after signing in: the one asked for, if it is on a host of the rules, or on this site.

    A door itself is no page to go to.
    """
    if url := protected_url(target):
        return url
    path = safe_path(target)
    return HOME if path.partition("?")[0] in map(url_for, SIGN_IN_ENDPOINTS) else path


def allow_form_redirect(target: str | None) -> None:
    """Let the form of the current answer lead to another host, if the way back does."""
    if url := protected_url(target):
        parts = urlsplit(url)
        security_headers.allow_form_to(f"{parts.scheme}://{parts.netloc}")


def protected_url(target: str | None) -> str | None:
    """The URL of a page on another host, if that is one that the rules name."""
    settings = process().settings
    url = safe_url(target, settings.base_url, protected_hosts())
    return None if url is None or url.startswith(tuple(f"{origin}/" for origin in settings.origins)) else url


def protected_hosts() -> Mapping[str, int | None]:
    """The hosts that the rules name. That there are no rules that can be used is no reason to keep anybody out here."""
    try:
        return process().rules.rules.hosts
    except ServiceUnavailable:
        return {}


def shares_cookie(url: str) -> bool:
    """Whether a page is on another host to which our cookie is sent: who is sent to any other comes back at once."""
    host, domain = urlsplit(url).hostname or "", process().settings.cookie_domain
    return bool(domain) and f".{host}".endswith(f".{domain}")
