"""Behind a proxy: is there one to be seen, whose word is taken, and what follows from it."""

from urllib.parse import urlsplit

from daypass.doctor.finding import Finding, Findings
from daypass.doctor.hosts import is_address, is_local
from daypass.rules.model import Rules
from daypass.sessions.scopes import own_host
from daypass.settings.definitions import Settings


def check_trust(settings: Settings, rules: Rules) -> Findings:
    """Whose word about a visitor's address, and about the page that is asked for, is taken."""
    trusts = settings.trusted_proxies or settings.proxy_secret
    if set(rules.hosts) - {own_host(settings)} and not trusts:
        yield Finding(
            "There are rules about other hosts, and no proxy is trusted to ask about them: each page there is refused.",
            "Set DAYPASS_TRUSTED_PROXIES to the address of the proxy, such as 127.0.0.1, or DAYPASS_PROXY_SECRET.",
        )
    elif settings.https and not trusts:
        yield Finding(
            "DAYPASS_BASE_URL is https, so a proxy stands in front, and none is trusted: every visitor seems to come "
            "from the proxy's own address.",
            "Set DAYPASS_TRUSTED_PROXIES to the address of the proxy, such as 127.0.0.1, or DAYPASS_PROXY_SECRET.",
            wrong=False,
        )
    for network in settings.trusted_proxies:
        if network.prefixlen == 0:
            yield Finding(
                f"DAYPASS_TRUSTED_PROXIES has {network}, which is everybody: any visitor can claim to be the proxy.",
                "Name the address of the proxy alone.",
            )


def check_base_url(settings: Settings, rules: Rules) -> Findings:
    """Whether DAYPASS_BASE_URL can be the address that visitors have."""
    base = urlsplit(settings.base_url)
    host = base.hostname or ""
    local = is_local(host)
    elsewhere = [name for name in rules.hosts if not is_local(name)]
    if local and elsewhere:
        yield Finding(
            f"DAYPASS_BASE_URL is {settings.base_url}, which only this machine reaches, and the rules are about "
            f"{elsewhere[0]}: who has to sign in is sent where nothing answers.",
            "Set DAYPASS_BASE_URL to the address that visitors have of Daypass, such as https://login.example.org.",
        )
    elif not local and not settings.https:
        yield Finding(
            f"DAYPASS_BASE_URL is {settings.base_url}: passwords and passes cross the network for anybody to read.",
            "Put a proxy that speaks TLS in front, and set DAYPASS_BASE_URL to its https:// address.",
        )
    if settings.https and is_address(host):
        yield Finding(
            f"DAYPASS_BASE_URL names the address {host}, for which hardly anybody issues a certificate.",
            "Give the machine a name, and use that.",
            wrong=False,
        )
    yield from _check_port(settings, base.port, local)


def _check_port(settings: Settings, port: int | None, local: bool) -> Findings:
    if settings.https and port == settings.port:
        yield Finding(
            f"DAYPASS_BASE_URL is https at port {port}, where Daypass itself listens, which speaks no TLS.",
            "Let the proxy have that port, or one of its own that DAYPASS_BASE_URL names; set DAYPASS_PORT to another.",
            wrong=False,
        )
    elif local and not settings.https and (port or 80) != settings.port:
        yield Finding(
            f"DAYPASS_BASE_URL is at port {port or 80} and Daypass listens at port {settings.port}, which is right "
            "where something forwards the one to the other, and only there.",
            f"Set DAYPASS_PORT to {port or 80}, unless a proxy or a container does so.",
            wrong=False,
        )
