"""Whether the cookie that is set at signing in reaches the hosts that the rules are about."""

from urllib.parse import urlsplit

from daypass.doctor.finding import Finding, Findings, listed
from daypass.doctor.hosts import common_parent, is_local, is_under
from daypass.net.hosts import in_url
from daypass.rules.model import Rule, Rules
from daypass.rules.patterns import ALL_PATHS
from daypass.settings.definitions import Settings
from daypass.settings.parsers import cookie_domain


def check_cookie(settings: Settings, rules: Rules) -> Findings:
    """Who signs in and comes back to a host that the cookie does not reach is asked again, for ever."""
    own, domain = in_url(urlsplit(settings.base_url).hostname or ""), settings.cookie_domain
    hosts = [host for host in rules.hosts if host != own and _asks_for_login(rules, host)]
    if domain and not hosts:
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
    if parent and _may_be_set(parent):
        return f"Set DAYPASS_COOKIE_DOMAIN to {parent}, if all hosts under it are yours."
    return "Give all of them names under one domain of yours, and set DAYPASS_COOKIE_DOMAIN to that."


def _may_be_set(domain: str) -> bool:
    try:
        return bool(cookie_domain(domain))
    except ValueError:
        return False


def _asks_for_login(rules: Rules, host: str) -> bool:
    """Whether there is a page on this host that is not for everybody."""
    own = [rule for rule in rules.rules if host in rule.hosts]
    return not (all(rule.allow.public for rule in own) and any(map(_is_about_all, own)))


def _is_about_all(rule: Rule) -> bool:
    return not rule.methods and rule.path.covers(ALL_PATHS)
