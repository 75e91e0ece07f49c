"""Check the settings for reverse proxies: which ones are trusted, and the address that visitors use."""

from urllib.parse import urlsplit

from daypass.doctor.finding import Finding, Findings
from daypass.doctor.hosts import is_address, is_local
from daypass.rules.model import Rules
from daypass.sessions.scopes import own_host
from daypass.settings.definitions import Settings


def check_trust(settings: Settings, rules: Rules) -> Findings:
    """Check which proxies are trusted to report the visitor's address and the requested page."""
    trusts_a_proxy = settings.trusted_proxies or settings.proxy_secret
    if set(rules.hosts) - {own_host(settings)} and not trusts_a_proxy:
        yield Finding(
            "The rules name other hosts, but no proxy is trusted to ask about them: every page there is refused.",
            "Set DAYPASS_TRUSTED_PROXIES to the address of the proxy, such as 127.0.0.1, or DAYPASS_PROXY_SECRET.",
        )
    elif settings.https and not trusts_a_proxy:
        yield Finding(
            "DAYPASS_BASE_URL is https, so there is a proxy in front, but no proxy is trusted: every visitor seems to "
            "have the address of the proxy.",
            "Set DAYPASS_TRUSTED_PROXIES to the address of the proxy, such as 127.0.0.1, or DAYPASS_PROXY_SECRET.",
            is_problem=False,
        )
    for network in settings.trusted_proxies:
        if network.prefixlen == 0:
            yield Finding(
                f"DAYPASS_TRUSTED_PROXIES contains {network}, all addresses: any visitor can pretend to be the proxy.",
                "List only the addresses of your proxies.",
            )


def check_base_url(settings: Settings, rules: Rules) -> Findings:
    """Check that visitors can reach DAYPASS_BASE_URL, and safely."""
    base = urlsplit(settings.base_url)
    host = base.hostname or ""
    local = is_local(host)
    elsewhere = [name for name in rules.hosts if not is_local(name)]
    if local and elsewhere:
        yield Finding(
            f"DAYPASS_BASE_URL is {settings.base_url}, which only this machine can reach, but the rules name "
            f"{elsewhere[0]}: its visitors cannot reach the sign-in page.",
            "Set DAYPASS_BASE_URL to the address at which visitors reach Daypass, such as https://login.example.org.",
        )
    elif not local and not settings.https:
        yield Finding(
            f"DAYPASS_BASE_URL is {settings.base_url}: passwords and passes cross the network unencrypted.",
            "Put a proxy with TLS in front of Daypass, and set DAYPASS_BASE_URL to its https:// address.",
        )
    if settings.https and is_address(host):
        yield Finding(
            f"DAYPASS_BASE_URL contains the IP address {host}; few certificate authorities issue certificates for one.",
            "Give the machine a domain name, and use that.",
            is_problem=False,
        )
    if not settings.url_prefix:  # an app of somebody else's listens where it likes
        yield from _check_port(settings, base.port, local)


def _check_port(settings: Settings, port: int | None, local: bool) -> Findings:
    if settings.https and port == settings.port:
        yield Finding(
            f"DAYPASS_BASE_URL is https at port {port}, where Daypass itself listens without TLS.",
            "Set DAYPASS_PORT to another port and let the proxy listen at this one, or change DAYPASS_BASE_URL.",
            is_problem=False,
        )
    elif local and not settings.https and (port or 80) != settings.port:
        yield Finding(
            f"DAYPASS_BASE_URL is at port {port or 80}, but Daypass listens at port {settings.port}. This works only "
            "if something forwards one port to the other.",
            f"Set DAYPASS_PORT to {port or 80}, unless a proxy or a container forwards the port.",
            is_problem=False,
        )
