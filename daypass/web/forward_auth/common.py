"""Shared by all proxy checks: what the proxy reports, the verdict, identity headers."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode

from werkzeug.wrappers import Response

from daypass.audit.entry import page_facts
from daypass.audit.events import Event
from daypass.errors import AmbiguousTarget, ServiceUnavailable
from daypass.gate import Pass, Refusal
from daypass.net.request_target import RequestTarget
from daypass.rules.model import Decision, Outcome
from daypass.runtime import Runtime
from daypass.tokens.errors import InvalidToken, TokenFault
from daypass.web.guests import opens_for_guest
from daypass.web.request_errors import AccessDenied
from daypass.web.return_to import SWITCH, protected_url
from daypass.web.verdict import check_scope, record_refusal, verdict

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

Headers = tuple[tuple[str, str], ...]

SAFE_IN_HEADER = "".join(map(chr, range(0x20, 0x7F))).replace("%", "")
SAFE_IN_QUERY = "!$'()*,/:;?@"  # as in the URLs that Flask builds
NO_ACCESS = "You do not have access to this page."
NOBODY = ("", "", ())  # the id, name and roles of visitors who are not signed in
MAX_IDENTITIES = 1024  # visitors whose identity headers are remembered


@dataclass(frozen=True)
class ProxyProtocol:
    """How a proxy asks, and which responses it understands.

    name: the endpoint in metrics. requested_page: reads which page was requested, or raises AmbiguousTarget.
    requested_url: its URL as the proxy reports it; it raises AmbiguousTarget too.
    sign_in: the response for visitors who have to sign in; it may raise the error again.
    explains: whether the proxy has refused the request already, and only wants the page that says why.
    """

    name: str
    requested_page: "Callable[[WSGIEnvironment], RequestTarget]"
    requested_url: "Callable[[WSGIEnvironment], str]"
    sign_in: "Callable[[Runtime, WSGIEnvironment, InvalidToken], Response]"
    explains: "Callable[[WSGIEnvironment], bool]" = lambda environ: False


def reported(environ: "WSGIEnvironment", header: str, *, separator: str = ",") -> str:
    """The value that the proxy sent in a header.

    Raises AmbiguousTarget if it is missing or was sent twice.

    separator: text that the value contains only if the header was sent twice, because servers join the values of equal
    headers with a comma (RFC 9110 section 5.3).
    """
    value: str = environ.get("HTTP_" + header.upper().replace("-", "_"), "")
    if not value or separator in value.replace(" ", "").replace("\t", ""):
        raise AmbiguousTarget(f"{header} is missing or was sent twice")
    return value


def check_access(runtime: Runtime, environ: "WSGIEnvironment", page: RequestTarget) -> Headers:
    """The headers of the response that opens a page: the visitor's identity.

    Raises InvalidToken or AccessDenied, both logged, or ServiceUnavailable. Writes nothing: the session is not renewed,
    and no cookie is set. On public pages, requests with an API token are anonymous; on other pages the rule must allow
    API tokens, and the token must be valid for the page's host. Guests are asked for only where the rules do not admit
    the visitor, and are anonymous.
    """
    decision = runtime.rules.rules.decide(page)
    found = _verdict(runtime, environ, decision)
    visitor = found if isinstance(found, Pass) and not (found.is_api_token and decision.allow.public) else None
    match decision.outcome(visitor.claims if visitor else None):
        case Outcome.ALLOWED if visitor is None:
            return identity_headers(*NOBODY)
        case Outcome.ALLOWED if visitor is not None:
            allows = decision.api_tokens
            check_scope(runtime, environ, visitor, page.host, api_tokens=allows, **_page_facts(page))
            return identity_headers(visitor.claims.subject, visitor.claims.name, visitor.claims.roles)
        case Outcome.SIGN_IN | Outcome.ROLE_MISSING if opens_for_guest(
            runtime, environ, page, runtime.rules.rules.decide
        ):
            return identity_headers(*NOBODY)
        case Outcome.SIGN_IN if isinstance(found, Refusal):
            reason = found.error.reason
            record_refusal(runtime, environ, Event.TOKEN_REFUSED, reason=reason, **_page_facts(page))
            raise found.error
    account, reason = visitor.claims.subject if visitor else None, "no rule allows this visitor"
    record_refusal(runtime, environ, Event.PAGE_REFUSED, account=account, reason=reason, **_page_facts(page))
    raise AccessDenied(reason, NO_ACCESS)


def sign_in_url(runtime: Runtime, url: str, method: str, *, switch: bool = False) -> str:
    """The URL of the sign-in page.

    It returns the visitor to this page if that is on a protected host, and the request was a GET.

    switch: show the form even to visitors who are signed in, so that they can sign in as somebody else.
    """
    target = protected_url(runtime, url) if method in ("GET", "HEAD") else None
    query = ({SWITCH: "1"} if switch else {}) | ({"next": target} if target else {})
    page = f"{runtime.settings.pages_url}/login"
    return f"{page}?{urlencode(query, safe=SAFE_IN_QUERY)}" if query else page


@lru_cache(MAX_IDENTITIES)
def identity_headers(account_id: str, name: str, roles: tuple[str, ...]) -> Headers:
    """All identity headers, even empty ones.

    If one is absent, some proxies pass on the client's own.
    """
    identity = {"Remote-User": name, "Remote-Name": name, "Remote-Email": "", "Remote-Groups": ",".join(roles)}
    identity["Remote-Id"] = account_id
    return tuple((header, quote(value, SAFE_IN_HEADER)) for header, value in identity.items())


def _verdict(runtime: Runtime, environ: "WSGIEnvironment", decision: Decision) -> Pass | Refusal:
    """The verdict on the visitor.

    On public pages, visitors are anonymous while the database cannot be reached.
    """
    try:
        return verdict(runtime, environ)
    except ServiceUnavailable:
        if not decision.allow.public:
            raise
        return Refusal(InvalidToken("no database", TokenFault.MISSING), from_cookie=False)


def _page_facts(page: RequestTarget) -> dict[str, str]:
    return page_facts(page.host, page.path)
