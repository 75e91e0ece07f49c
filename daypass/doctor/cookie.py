"""Check that browsers send the session cookie to the hosts that the rules name."""

from urllib.parse import urlsplit

from daypass.doctor.finding import Finding, Findings, join_names
from daypass.doctor.hosts import common_parent, is_local, is_under
from daypass.net.hosts import in_url
from daypass.rules.model import Rule, Rules
from daypass.rules.patterns import ALL_PATHS
from daypass.settings.definitions import Settings
from daypass.settings.parsers import cookie_domain


def check_cookie(settings: Settings, rules: Rules) -> Findings:
    """Check the domain of the cookie: visitors of hosts that it does not cover are asked to sign in again and again."""
    own, domain = in_url(urlsplit(settings.base_url).hostname or ""), settings.cookie_domain
    hosts = [host for host in rules.hosts if host != own and _requires_sign_in(rules, host)]
    if domain and not hosts:
        yield Finding(
            f"DAYPASS_COOKIE_DOMAIN is {domain}, but the rules need the cookie only on {own}. Browsers send it to all "
            "other hosts under that domain too.",
            "Remove DAYPASS_COOKIE_DOMAIN, unless you plan to add hosts.",
            is_problem=False,
        )
    elif not is_local(own) or all(map(is_local, hosts)):  # else check_base_url reports a problem
        yield from _check_reach(own, domain, hosts)


def _check_reach(own: str, domain: str, hosts: list[str]) -> Findings:
    missed = [host for host in hosts if not domain or not is_under(host, domain)]
    if missed:
        do = "does" if len(missed) == 1 else "do"
        yield Finding(
            f"The rules name {join_names(missed)}, which {do} not get the cookie of {domain or own}: visitors are "
            "asked to sign in there again and again.",
            _remedy(own, hosts),
        )


def _remedy(own: str, hosts: list[str]) -> str:
    parent = common_parent([own, *hosts])
    if parent and _is_cookie_domain(parent):
        return f"Set DAYPASS_COOKIE_DOMAIN to {parent}, if all hosts under it are yours."
    return "Give all hosts names under one domain of yours, and set DAYPASS_COOKIE_DOMAIN to that domain."


def _is_cookie_domain(domain: str) -> bool:
    try:
        return bool(cookie_domain(domain))
    except ValueError:
        return False


def _requires_sign_in(rules: Rules, host: str) -> bool:
    """Whether some page on this host is not public."""
    own = [rule for rule in rules.rules if host in rule.hosts]
    return not (all(rule.allow.public for rule in own) and any(map(_matches_everything, own)))


def _matches_everything(rule: Rule) -> bool:
    return not rule.methods and rule.path.covers(ALL_PATHS)
