"""Who works in the lab: somebody who is signed in, or anybody, if the lab is open."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import ParamSpec
from zlib import crc32

from flask import request
from werkzeug.wrappers import Response as BaseResponse

from daypass.gate import Pass
from daypass.throttling.attempts import Limit
from daypass.throttling.fair_queue import queue_owner
from daypass.web.attempts import address_limit
from daypass.web.client import client_address
from daypass.web.context import current_runtime
from daypass.web.verdict import visitor

P = ParamSpec("P")
View = Callable[P, BaseResponse]
Gate = Callable[[View[P]], View[P]]

GUEST_KEY_CLAIMS = 1024  # rows: strangers can't fill the table


@dataclass(frozen=True)
class LabVisitor:
    """The visitor of the lab; `admitted` is None for a guest.

    `owner` is whose work it is, for the lock. `key_claim` is the name under which new keys are claimed.
    """

    admitted: Pass | None
    owner: str
    key_claim: str
    limit: Limit


def open_to_guests(gate: Gate[P]) -> Gate[P]:
    """A decorator that admits everybody with DAYPASS_LAB=open, and otherwise does what `gate` does.

    gate: `token_required`.
    """

    def decorate(view: View[P]) -> View[P]:
        gated = gate(view)

        @wraps(gated)
        def run(*args: P.args, **kwargs: P.kwargs) -> BaseResponse:
            runtime = current_runtime()
            if runtime.settings.lab and visitor(runtime, request.environ) is None:
                return view(*args, **kwargs)
            return gated(*args, **kwargs)

        return run

    return decorate


def lab_visitor() -> LabVisitor:
    """The visitor of the current request. Only for views with `@open_to_guests`."""
    runtime = current_runtime()
    settings, admitted = runtime.settings, visitor(runtime, request.environ)
    if admitted is not None:
        account = admitted.claims.subject
        return LabVisitor(admitted, account, f"key {account[:28]}", Limit("lab", account, settings.limit_lab))
    address = queue_owner(client_address(request.environ, settings)) or ""
    claim = f"key guest {crc32(address.encode()) % GUEST_KEY_CLAIMS}"
    return LabVisitor(None, f"guest {address}", claim, address_limit(settings, "lab", settings.limit_lab))
