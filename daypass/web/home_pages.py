"""The pages on the home page of somebody who is signed in: those of the rules, the static site and the Flask app."""

from dataclasses import dataclass
from urllib.parse import urlsplit

from flask import Flask, current_app, url_for

from daypass.errors import ServiceUnavailable
from daypass.gate import Pass
from daypass.net.redirect_target import HOME
from daypass.rules.labels import NO_LABEL, Label
from daypass.rules.model import Identity
from daypass.rules.pages import pages_for
from daypass.runtime import Runtime
from daypass.settings.branding import PRODUCT
from daypass.settings.definitions import Settings
from daypass.web.page_url import own_name, page_url
from daypass.web.ruled_urls import ruled_url, shares_cookie
from daypass.web.rules_in_force import rules_in_force
from daypass.web.static_site.access import may_see
from daypass.web.verdict import ANYONE

APP_PAGES = "daypass_home_pages"  # in `app.extensions`


@dataclass(frozen=True)
class HomePage:
    """A page to link to. address: host and path, as people read them; "" if the title says the same."""

    url: str
    title: str
    address: str
    icon: str
    description: str


def add_page(app: Flask, endpoint: str, title: str, *, icon: str = "", description: str = "") -> None:
    """List a view of the app on the home page of everybody whom its `@token_required` admits.

    icon: an emoji or one or two letters; the first letter of the title without it. Register the view first. Raises
    ValueError if there is no view of this endpoint, or its URL needs values.
    """
    if not any(rule.endpoint == endpoint and not rule.arguments for rule in app.url_map.iter_rules()):
        raise ValueError(f"no view with the endpoint {endpoint!r}, or its URL needs values")
    app.extensions.setdefault(APP_PAGES, {})[endpoint] = Label(title, icon, description)


def home_pages(runtime: Runtime, visitor: Pass) -> list[HomePage]:
    """The pages that the visitor may open, each URL once."""
    found: dict[str, HomePage] = {}
    for page in (*_app_pages(visitor.claims), *_rule_pages(runtime, visitor.claims), *_site_pages(runtime, visitor)):
        found.setdefault(page.url, page)
    return list(found.values())


def has_protected_pages(runtime: Runtime) -> bool:
    """Whether there is anything to open: a static site, rules, or a view of the app that it protects or has added."""
    views = current_app.view_functions
    gated = any(hasattr(view, "required_role") and not own_name(name) for name, view in views.items())
    return bool(gated or runtime.settings.site or runtime.rules.path or current_app.extensions.get(APP_PAGES))


def _app_pages(visitor: Identity) -> list[HomePage]:
    registered: dict[str, Label] = current_app.extensions.get(APP_PAGES, {})
    return [
        _page(url_for(endpoint), "", label)
        for endpoint, label in registered.items()
        if getattr(current_app.view_functions[endpoint], "required_role", ANYONE) in (ANYONE, *visitor.roles)
    ]


def _rule_pages(runtime: Runtime, visitor: Identity) -> list[HomePage]:
    """The pages of the rules, except the home page itself. None while the rules cannot be used."""
    settings, rules = runtime.settings, rules_in_force(runtime.rules)
    pages = []
    for page in pages_for(rules, visitor):
        url = ruled_url(settings, rules, page.host, page.path)
        host = urlsplit(url).netloc or settings.authority  # with the port that the link opens
        label = _site_label(settings, page.label) if settings.site and url == HOME else page.label
        pages.append(_page(url, f"{host}{page.path}", label))
    home = page_url("home.home")
    return [page for page in pages if page.url != home and _sends_cookie(page.url, settings)]


def _sends_cookie(url: str, settings: Settings) -> bool:
    """Whether the visitor's browser sends the cookie there. On other hosts, nobody is signed in."""
    return url.startswith("/") or shares_cookie(url, settings)


def _site_pages(runtime: Runtime, visitor: Pass) -> list[HomePage]:
    """The first page of the static site, unless the rules close it to the visitor."""
    if not runtime.settings.site or not _may_see_site(runtime, visitor):
        return []
    return [_page(HOME, "", _site_label(runtime.settings))]


def _site_label(settings: Settings, label: Label = NO_LABEL) -> Label:
    """The label of the first page of the static site, whose rule may have one."""
    title = label.title or (settings.title if settings.title != PRODUCT else "This site")
    return Label(title, label.icon, label.description or "Its first page")


def _may_see_site(runtime: Runtime, visitor: Pass) -> bool:
    try:
        return may_see(runtime, "GET", "", visitor)
    except ServiceUnavailable:
        return False


def _page(url: str, address: str, label: Label) -> HomePage:
    """A page. Its address replaces a missing title; the first letter of the title, or of the address's last part, a
    missing icon.
    """
    title = label.title or address.removesuffix("/")
    letter = (label.title or title.rpartition("/")[2])[0].upper()
    return HomePage(url, title, address if label.title else "", label.icon or letter, label.description)
