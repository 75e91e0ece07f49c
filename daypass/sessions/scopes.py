"""The scope of an API token: the hosts on which it may be used."""

from collections.abc import Iterable
from urllib.parse import urlsplit

from daypass.net.hosts import parse_host
from daypass.settings.definitions import Settings
from daypass.tokens.claims import Claims
from daypass.tokens.purposes import API

MAX_HOSTS_LENGTH = 1000  # characters of all hosts of a token together, so that it stays below MAX_TOKEN_LENGTH


def own_host(settings: Settings) -> str:
    """The host of Daypass's own pages, in canonical form, without port."""
    return parse_host(settings.authority)[0]


def _issuing_host(settings: Settings) -> str:
    return parse_host(urlsplit(settings.issuer).netloc)[0]


def hosts_of(claims: Claims, settings: Settings) -> tuple[str, ...] | None:
    """The hosts where a token is valid; None for a session, which has no scope.

    API tokens issued before scopes existed have no claim `hosts`: they are valid only on the host of their issuer.
    """
    if claims.purpose != API:
        return None
    return claims.hosts if claims.hosts is not None else (_issuing_host(settings),)


def covers(claims: Claims, host: str, settings: Settings) -> bool:
    """Whether a token is valid on a host in canonical form. All names of Daypass's own host count as one."""
    hosts = hosts_of(claims, settings)
    canonical = own_host(settings) if host in settings.trusted_hosts else host
    return hosts is None or canonical in hosts


def available(ruled: Iterable[str], settings: Settings) -> list[str]:
    """The hosts for which a token can be issued: Daypass's own, then those that the rules name."""
    own = own_host(settings)
    return [own, *sorted(set(ruled) - {own, *settings.trusted_hosts})]
