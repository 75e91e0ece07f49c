"""Whether the cookie that is set at signing in reaches the hosts that the rules are about."""

from urllib.parse import urlsplit

from daypass.access import Rule, Rules
from daypass.doctor.finding import Finding, Findings, listed
from daypass.doctor.hosts import common_parent, is_local, is_under
from daypass.patterns import EVERYTHING
from daypass.settings import Settings
from daypass.values import in_url


def cookie_domain(settings: Settings) -> str:
    """The domain of the cookie; without one it stays with the host of DAYPASS_BASE_URL."""
    found: str = getattr(settings, "cookie_domain", "")  # until DAYPASS_COOKIE_DOMAIN is a setting
    return found


def check_cookie(settings: Settings, rules: Rules) -> Findings:
    """Who signs in and comes back to a host that the cookie does not reach is asked again, for ever."""
    own, domain = in_url(urlsplit(settings.base_url).hostname or ""), cookie_domain(settings)
    hosts = [host for host in rules.hosts if host != own and _asks_for_login(rules, host)]
    if domain and not is_under(own, domain):
        yield Finding(
            f"DAYPASS_COOKIE_DOMAIN is {domain}, and {own} of DAYPASS_BASE_URL is not under it: browsers refuse the "
            "cookie, and nobody can sign in.",
            "Set it to a parent of that host.",
        )
    elif domain and not hosts:
        yield Finding(
            f"DAYPASS_COOKIE_DOMAIN is {domain}, and the rules need the cookie on no host but {own}: every other host "
            "under that domain is handed it all the same.",
            "Take DAYPASS_COOKIE_DOMAIN away, unless hosts are to come.",
            wrong=False,
        )
    elif not is_local(own) or all(map(is_local, hosts)):  # else DAYPASS_BASE_URL itself is what is wrong
        yield from _check_reach(own, domain, hosts)


def _check_reach(own: str, domain: str, hosts: list[str]) -> Findings:
    missed = [host for host in hosts if not domain or not is_under(host, domain)]
    if missed:
        does = "does" if len(missed) == 1 else "do"
        yield Finding(
            f"The rules are about {listed(missed)}, which {does} not get the cookie of {domain or own}: who signs in "
            "and comes back there is asked to sign in again and again.",
            _mend(own, hosts),
        )


def _mend(own: str, hosts: list[str]) -> str:
    parent = common_parent([own, *hosts])
    if parent:
        return f"Set DAYPASS_COOKIE_DOMAIN to {parent}, if all hosts under it are yours."
    return "Give all of them names under one domain of yours, and set DAYPASS_COOKIE_DOMAIN to that."


def _asks_for_login(rules: Rules, host: str) -> bool:
    """Whether there is a page on this host that is not for everybody."""
    own = [rule for rule in rules.rules if host in rule.hosts]
    return not (all(rule.who.public for rule in own) and any(map(_is_about_all, own)))


def _is_about_all(rule: Rule) -> bool:
    return not rule.methods and rule.path.covers(EVERYTHING)
