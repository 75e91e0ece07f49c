"""The pass of the current request."""

from flask import request

from daypass.gate import Pass, Refusal
from daypass.tokens.claims import Claims
from daypass.web.context import current_runtime
from daypass.web.verdict import verdict


def current_pass() -> Pass:
    """The pass of the current request. Only for views with `@token_required`."""
    found = verdict(current_runtime(), request.environ)
    if isinstance(found, Refusal):
        raise found.error
    return found


def current_claims() -> Claims:
    """The claims of the current pass. Only for views with `@token_required`."""
    return current_pass().claims
