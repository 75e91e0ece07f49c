"""The page to return to after signing in."""

from collections.abc import Mapping
from urllib.parse import urlsplit

from daypass.errors import ServiceUnavailable
from daypass.net.redirect_target import safe_path, safe_url
from daypass.runtime import Runtime
from daypass.web import security_headers
from daypass.web.page_url import page_url

SWITCH = "switch"  # in the query of the sign-in page: show the form even to visitors who are signed in
SIGN_IN_ENDPOINTS = ("signin.login", "signin.logout", "signup.signup", "signup.setup")  # not pages to return to


def return_target(runtime: Runtime, target: str | None) -> str:
    """The URL to redirect to after signing in.

    It is a page on a protected host or on this site, otherwise the home page.
    """
    if url := protected_url(runtime, target):
        return url
    home = runtime.settings.home
    path = safe_path(target, home)
    return home if path.partition("?")[0] in map(page_url, SIGN_IN_ENDPOINTS) else path


def sign_out_target(runtime: Runtime, target: str | None) -> str | None:
    """The URL to redirect to after signing out, by the same rules; None for the home page."""
    found = return_target(runtime, target)
    return None if found == runtime.settings.home else found


def allow_form_redirect(runtime: Runtime, target: str | None) -> None:
    """Allow the form of this page to be redirected to a protected target."""
    if url := protected_url(runtime, target):
        parts = urlsplit(url)
        security_headers.allow_form_to(f"{parts.scheme}://{parts.netloc}")


def protected_url(runtime: Runtime, target: str | None) -> str | None:
    """The target if it is a page on another host that the rules name, otherwise None."""
    settings = runtime.settings
    url = safe_url(target, settings.base_url, protected_hosts(runtime))
    return None if url is None or url.startswith(tuple(f"{origin}/" for origin in settings.origins)) else url


def protected_hosts(runtime: Runtime) -> Mapping[str, int | None]:
    """The hosts that the rules name, with their ports.

    Empty while the rules cannot be used, so that signing in still works.
    """
    try:
        return runtime.rules.rules.hosts
    except ServiceUnavailable:
        return {}
