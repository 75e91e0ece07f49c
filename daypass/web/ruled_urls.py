"""URLs of the pages that rules decide about, as links lead to them."""

from urllib.parse import quote, urlsplit

from daypass.rules.model import Rules
from daypass.settings.definitions import Settings
from daypass.web.static_site.access import site_host


def ruled_url(settings: Settings, rules: Rules, host: str, path: str) -> str:
    """The URL of a page. Hosts whose port the rules do not name are behind the same proxy, and so at the same port."""
    path = quote(path)
    if host == site_host(settings, rules):
        return path
    base = urlsplit(settings.base_url)
    port = rules.hosts[host] or base.port
    return f"{base.scheme}://{host}{f':{port}' if port else ''}{path}"


def shares_cookie(url: str, settings: Settings) -> bool:
    """Whether browsers send our cookie to the host of this URL too."""
    host, domain = urlsplit(url).hostname or "", settings.cookie_domain
    return bool(domain) and f".{host}".endswith(f".{domain}")
