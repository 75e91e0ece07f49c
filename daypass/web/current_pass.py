"""The pass of the current request."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from flask import current_app, request

from daypass.gate import Pass, Refusal
from daypass.sessions import scopes
from daypass.tokens.claims import Claims
from daypass.web.context import current_gate
from daypass.web.verdict import ADMITTED, check_scope, verdict, visitor

ProfileLoader = Callable[[str], Any]
PROFILE_LOADER = "daypass_profile_loader"  # in `app.extensions`
PROFILE = "daypass.profile"  # key in the environ


def admitted_pass() -> Pass:
    """The pass of the current request.

    Raises InvalidToken without one, and AccessDenied for an API token that no `@token_required` has admitted.
    """
    runtime, environ = current_gate(), request.environ
    found = verdict(runtime, environ)
    if isinstance(found, Refusal):
        raise found.error
    if ADMITTED not in environ:
        check_scope(runtime, environ, found, scopes.own_host(runtime.settings), api_tokens=False)
    return found


def current_claims() -> Claims:
    """The claims of the current pass. Only for views with `@token_required`."""
    return admitted_pass().claims


class CurrentPass:
    """The pass of the current request, for views of apps.

    It is true if the request has a valid pass, so that pages that are open to all can ask. Its attributes raise
    InvalidToken without one, which shows the sign-in form, as `@token_required` does.
    """

    def __bool__(self) -> bool:
        return visitor(current_gate(), request.environ) is not None

    @property
    def account_id(self) -> str:
        """The id of the account. It never changes, and no other account ever gets it."""
        return current_claims().subject

    @property
    def name(self) -> str:
        """The name of the account, as it was when the token was issued."""
        return current_claims().name

    @property
    def roles(self) -> tuple[str, ...]:
        """The roles of the account."""
        return tuple(current_claims().roles)

    def has_role(self, role: str) -> bool:
        """Whether the account has this role."""
        return role in current_claims().roles

    @property
    def session_id(self) -> str:
        """The id of the session, which stays the same when its token is renewed. Treat it as a secret."""
        return current_claims().session_id

    @property
    def signed_in_at(self) -> datetime:
        """When the password was entered (the claim `auth_time`), in UTC."""
        return current_claims().auth_time

    @property
    def expires_at(self) -> datetime:
        """When the token expires, in UTC."""
        return current_claims().expires_at

    @property
    def is_api_token(self) -> bool:
        """Whether the request was made by a program with an API token."""
        return admitted_pass().is_api_token

    @property
    def profile(self) -> Any:
        """What the function with `@daypass.profile_loader` returns for the account.

        It is called once per request, and only if this is used. Raises RuntimeError if the app has no such function.
        """
        environ, account_id = request.environ, self.account_id
        loaded: tuple[str, Any] | None = environ.get(PROFILE)
        if loaded is None or loaded[0] != account_id:  # the view may have signed somebody else in
            load: ProfileLoader = current_app.extensions[PROFILE_LOADER]
            loaded = environ[PROFILE] = account_id, load(account_id)
        return loaded[1]


current_pass = CurrentPass()
