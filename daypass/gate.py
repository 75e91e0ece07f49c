"""The gate: one verdict on the credentials of a request.

It serves the decorator, the static site and the checks of proxies.
"""

import time
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial
from typing import NamedTuple, Protocol

from daypass.database.errors import DatabaseLost
from daypass.keys.ring import KeyRingProvider, VerifyingRing
from daypass.tokens import codec, purposes
from daypass.tokens.cache import VerifiedTokenCache
from daypass.tokens.claims import Claims, Token
from daypass.tokens.errors import InvalidToken, TokenFault, UnknownKey


class Credentials(NamedTuple):
    """The tokens of a request: `Authorization: Bearer` (RFC 6750), and the cookie."""

    bearer: str | None = None
    cookie: str | None = None


class Pass(NamedTuple):
    """An accepted request: its token, and whether the token was in a cookie."""

    token: Token
    from_cookie: bool

    @property
    def claims(self) -> Claims:
        """The claims of the token."""
        return self.token.claims

    @property
    def is_api_token(self) -> bool:
        """Whether this is an API token, which opens only pages that allow API tokens."""
        return self.claims.purpose == purposes.API


class Refusal(NamedTuple):
    """A rejected request: the reason, and whether the invalid token was in a cookie."""

    error: InvalidToken
    from_cookie: bool


class Refreshable(Protocol):
    """What a verdict depends on, and is kept in memory."""

    def refresh(self) -> None:
        """Bring it up to date. Raises ServiceUnavailable if it is too old, and cannot be."""


class Gate:
    """Decides whether credentials are valid.

    replica: is refreshed before each verdict. keys: provides the key ring that verifies tokens.
    cache: tokens that were verified before.
    check_session: raises InvalidToken if the session with this id has ended.
    confirm: raises InvalidToken if the database contradicts the claims, and DatabaseLost if it cannot be reached.
    issuer: the issuer that every token must name.
    max_lifetimes: the accepted purposes, each with the longest lifetime of its tokens in seconds.
    learn_keys: called when a token names an unknown key, which may be a new one of an issuer elsewhere.
    """

    def __init__(
        self,
        *,
        replica: Refreshable,
        keys: KeyRingProvider,
        cache: VerifiedTokenCache,
        check_session: Callable[[str], None],
        confirm: Callable[[Claims], None],
        issuer: str,
        max_lifetimes: Mapping[str, int],
        learn_keys: Callable[[], None] | None = None,
    ) -> None:
        self._replica = replica
        self._keys = keys
        self._cache = cache
        self._check_session = check_session
        self._confirm = confirm
        self._issuer = issuer
        self._max_lifetimes = max_lifetimes
        self._learn_keys = learn_keys

    def with_keys(self, keys: KeyRingProvider) -> "Gate":
        """Return a gate with other keys and its own cache, otherwise the same."""
        return Gate(
            replica=self._replica,
            keys=keys,
            cache=VerifiedTokenCache(),
            check_session=self._check_session,
            confirm=self._confirm,
            issuer=self._issuer,
            max_lifetimes=self._max_lifetimes,
        )

    def verdict(self, credentials: Credentials, now: datetime) -> Pass | Refusal:
        """Accept or refuse the bearer token if there is one, otherwise the cookie.

        Raises ServiceUnavailable if the verdict needs the database and it cannot be reached.
        """
        from_cookie = credentials.bearer is None
        text = credentials.cookie if from_cookie else credentials.bearer
        if text is None:
            return Refusal(InvalidToken("no token", TokenFault.MISSING), from_cookie=False)
        try:
            token = self._valid_token(text, now)
            if token.claims.purpose == purposes.API and from_cookie:
                raise InvalidToken("API token in a cookie")
        except InvalidToken as error:
            return Refusal(error, from_cookie)
        return Pass(token, from_cookie)

    def _valid_token(self, text: str, now: datetime) -> Token:
        """The token, verified once and then cached.

        Its time and revocation are checked at every request.
        """
        self._replica.refresh()
        ring, started = self._keys.ring, time.monotonic()
        cached = self._cache.get(text, ring)
        token = cached or self._decode(text, ring, now)
        codec.check_time(token.claims, now)
        self._check_not_ended(token.claims)
        if cached is None and self._is_confirmed(token.claims):
            self._cache.put(text, token, ring, started)
        return token

    def _decode(self, text: str, ring: VerifyingRing, now: datetime) -> Token:
        decode = partial(codec.decode, text, issuer=self._issuer, purposes=self._max_lifetimes, now=now)
        try:
            return decode(ring=ring)
        except UnknownKey:
            if self._learn_keys is None:
                raise
            self._learn_keys()
            if self._keys.ring is ring:
                raise
        return decode(ring=self._keys.ring)

    def _check_not_ended(self, claims: Claims) -> None:
        try:
            self._check_session(claims.session_id)
        except InvalidToken as error:
            raise InvalidToken(error.reason, error.fault, claims) from None

    def _is_confirmed(self, claims: Claims) -> bool:
        """Confirm the claims against the database.

        False while only the replica can be used.
        """
        try:
            self._confirm(claims)
        except DatabaseLost:
            return False
        return True
