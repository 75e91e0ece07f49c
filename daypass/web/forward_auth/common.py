"""Shared by all proxy checks: trusted proxies, the verdict, identity headers."""

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar
from urllib.parse import quote

from flask import Response, request, url_for

from daypass.audit.events import Event
from daypass.errors import AmbiguousTarget, ServiceUnavailable
from daypass.gate import Pass, Refusal
from daypass.net.request_target import RequestTarget
from daypass.rules.model import Decision, Outcome
from daypass.tokens.errors import InvalidToken, TokenFault
from daypass.web import audit
from daypass.web.client import is_from_trusted_proxy
from daypass.web.context import current_runtime
from daypass.web.request_errors import AccessDenied, UntrustedProxy
from daypass.web.return_to import protected_url
from daypass.web.verdict import check_scope, current_verdict, hide_visitor

P = ParamSpec("P")
R = TypeVar("R")

SAFE_IN_HEADER = "".join(map(chr, range(0x20, 0x7F))).replace("%", "")
NO_ACCESS = "You do not have access to this page."


def trusted_proxies_only(view: Callable[P, R]) -> Callable[P, R]:
    """Refuse ambiguous targets, and requests that no trusted proxy sent (403)."""

    @wraps(view)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
        if not is_from_trusted_proxy(current_runtime().settings):
            hide_visitor()
            audit.record(Event.PROXY_REFUSED, "failure", reason="not a trusted proxy")
            raise UntrustedProxy("not a trusted proxy")
        try:
            return view(*args, **kwargs)
        except AmbiguousTarget as error:
            audit.record(Event.PAGE_REFUSED, "failure", reason=error.reason)
            raise AccessDenied(error.reason, error.message) from None

    return guarded


def reported(header: str, *, separator: str = ",") -> str:
    """The value that the proxy sent in a header.

    Raises AmbiguousTarget if it is missing or was sent twice.

    separator: text that the value contains only if the header was sent twice, because servers join the values of equal
    headers with a comma (RFC 9110 section 5.3).
    """
    value = request.headers.get(header, "")
    if not value or separator in value.replace(" ", "").replace("\t", ""):
        raise AmbiguousTarget(f"{header} is missing or was sent twice")
    return value


def check_access(page: RequestTarget) -> Response:
    """The response that opens a page, with the visitor's identity.

    Raises InvalidToken or AccessDenied, both logged, or ServiceUnavailable. Writes nothing: the session is not renewed,
    and no cookie is set. On public pages, requests with an API token are anonymous; on other pages the rule must allow
    API tokens, and the token must be valid for the page's host.
    """
    decision = current_runtime().rules.rules.decide(page)
    verdict = _verdict(decision)
    visitor = verdict if isinstance(verdict, Pass) and not (verdict.is_api_token and decision.allow.public) else None
    match decision.outcome(visitor.claims if visitor else None):
        case Outcome.ALLOWED:
            if visitor is not None:
                check_scope(visitor, page.host, api_tokens=decision.api_tokens, **_page_facts(page))
            return _identity(visitor)
        case Outcome.SIGN_IN if isinstance(verdict, Refusal):
            audit.record(Event.TOKEN_REFUSED, "failure", reason=verdict.error.reason, **_page_facts(page))
            raise verdict.error
    account = visitor.claims.subject if visitor else None
    audit.record(
        Event.PAGE_REFUSED, "failure", account=account, reason="no rule allows this visitor", **_page_facts(page)
    )
    raise AccessDenied("no rule allows this visitor", NO_ACCESS)


def sign_in_url(url: str, method: str) -> str:
    """The URL of the sign-in page.

    It returns the visitor to this page if that is on a protected host, and the request was a GET.
    """
    runtime = current_runtime()
    target = protected_url(runtime, url) if method in ("GET", "HEAD") else None
    return runtime.settings.base_url + url_for("signin.login", next=target)


def _verdict(decision: Decision) -> Pass | Refusal:
    """The verdict on the visitor.

    On public pages, visitors are anonymous while the database cannot be reached.
    """
    try:
        return current_verdict()
    except ServiceUnavailable:
        if not decision.allow.public:
            raise
        return Refusal(InvalidToken("no database", TokenFault.MISSING), from_cookie=False)


def _identity(visitor: Pass | None) -> Response:
    """All identity headers, even empty ones.

    If one is absent, some proxies pass on the client's own.
    """
    name = visitor.claims.name if visitor else ""
    roles = visitor.claims.roles if visitor else ()
    identity = {"Remote-User": name, "Remote-Name": name, "Remote-Email": "", "Remote-Groups": ",".join(roles)}
    identity["Remote-Id"] = visitor.claims.subject if visitor else ""
    return Response(headers={header: quote(value, SAFE_IN_HEADER) for header, value in identity.items()})


def _page_facts(page: RequestTarget) -> dict[str, str]:
    return {"host": page.host, "page": page.path[:256]}
