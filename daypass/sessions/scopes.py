"""The scope of an API token: the hosts on which it may be used."""

from collections.abc import Iterable

from daypass.net.hosts import parse_host
from daypass.settings.definitions import Settings
from daypass.tokens.claims import Claims
from daypass.tokens.purposes import API

MAX_HOSTS_LENGTH = 1000  # characters of all hosts of one token together, which has to stay below tokens.LONGEST


def own_host(settings: Settings) -> str:
    """The host of Daypass's own pages, without port, in the spelling of scopes."""
    return parse_host(settings.authority)[0]


def hosts_of(claims: Claims, settings: Settings) -> tuple[str, ...] | None:
    """The hosts that a token may be used on; None for a session, which has no scope.

    API tokens issued before scopes existed have no claim `hosts`: they are valid on Daypass's own host only.
    """
    if claims.purpose != API:
        return None
    return claims.hosts if claims.hosts is not None else (own_host(settings),)


def covers(claims: Claims, host: str, settings: Settings) -> bool:
    """Whether a token may be used on a host in canonical form; all names of Daypass's own host are one."""
    hosts = hosts_of(claims, settings)
    canonical = own_host(settings) if host in settings.trusted_hosts else host
    return hosts is None or canonical in hosts


def available(ruled: Iterable[str], settings: Settings) -> list[str]:
    """The hosts that a new token can be issued for: Daypass's own first, then those that the rules name."""
    own = own_host(settings)
    return [own, *sorted(set(ruled) - {own, *settings.trusted_hosts})]
