"""What the checks of all proxies have in common: whom to believe, who asks for which page, and what is told of them."""

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar
from urllib.parse import quote

from flask import Response, g, request, url_for

from daypass.errors import ServiceUnavailable
from daypass.net.errors import AmbiguousTarget
from daypass.net.request_target import RequestTarget
from daypass.rules.model import Decision, Outcome
from daypass.runtime import process
from daypass.tokens.errors import InvalidToken, TokenFault
from daypass.web import audit, gate, security_headers, trusted_proxies
from daypass.web.gate import Pass, Refusal
from daypass.web.request_errors import NotLetIn, UntrustedProxy
from daypass.web.return_to import protected_url

P = ParamSpec("P")
R = TypeVar("R")

SAFE_IN_HEADER = "".join(map(chr, range(0x20, 0x7F))).replace("%", "")


def for_proxies(view: Callable[P, R]) -> Callable[P, R]:
    """Answer only to proxies whose word is taken; all others are told nothing. What is unclear is refused (403)."""

    @wraps(view)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
        security_headers.elsewhere()
        if not trusted_proxies.is_trusted(request):
            g.visitor = None
            audit.record("proxy_refused", "failure", reason="not a trusted proxy")
            raise UntrustedProxy("not a trusted proxy")
        try:
            return view(*args, **kwargs)
        except AmbiguousTarget as error:
            audit.record("page_refused", "failure", reason=error.reason)
            raise NotLetIn(error.reason, sentence=error.sentence) from None

    return guarded


def told(header: str, *, twice: str = ",") -> str:
    """What the proxy says in a header. Raises UnclearLocation where it is missing, or sent twice.

    twice: what stands in the value only if it was: servers join the values of one name with a comma (RFC 9110 5.3).
    """
    value = request.headers.get(header, "")
    if not value or twice in value.replace(" ", "").replace("\t", ""):
        raise AmbiguousTarget(f"{header} is missing or there twice")
    return value


def let_in(page: RequestTarget) -> Response:
    """The answer that opens a page, with who it is. Raises InvalidToken, NotLetIn or Unavailable, logged.

    It changes nothing: the session is not renewed, no cookie is set, and nothing is written of the visit. An API token
    counts as nobody on a page that is open to everybody; elsewhere the rule must let programs in, and the token must be
    for the page's host.
    """
    decision = process().rules.rules.decide(page)
    found = _verdict(decision)
    visitor = found if isinstance(found, Pass) and not (found.is_program and decision.who.public) else None
    g.visitor = visitor
    match decision.answer(visitor.claims if visitor else None):
        case Outcome.ALLOWED:
            if visitor is not None:
                gate.check_scope(visitor, page.host, programs=decision.programs, **_named(page))
            return _identified(visitor)
        case Outcome.SIGN_IN if isinstance(found, Refusal):
            audit.record("token_refused", "failure", reason=found.error.reason, **_named(page))
            raise found.error
    account = visitor.claims.subject if visitor else None
    audit.record("page_refused", "failure", account=account, reason="no rule lets them in", **_named(page))
    raise NotLetIn("no rule lets them in")


def _verdict(decision: Decision) -> Pass | Refusal:
    """Who asks; nobody, where that cannot be found out and the page is for everybody."""
    try:
        return gate.verdict(request)
    except ServiceUnavailable:
        if not decision.who.public:
            raise
        return Refusal(InvalidToken("no database", TokenFault.MISSING), from_cookie=False)


def _identified(visitor: Pass | None) -> Response:
    """All identity headers, even empty ones: if one is absent, some proxies pass on the client's own."""
    name = visitor.claims.name if visitor else ""
    roles = visitor.claims.roles if visitor else ()
    identity = {"Remote-User": name, "Remote-Name": name, "Remote-Email": "", "Remote-Groups": ",".join(roles)}
    identity["Remote-Id"] = visitor.claims.subject if visitor else ""
    return Response(headers={header: quote(value, SAFE_IN_HEADER) for header, value in identity.items()})


def _named(page: RequestTarget) -> dict[str, str]:
    return {"host": page.host, "page": page.path[:256]}


def sign_in_page(url: str, method: str) -> str:
    """The URL of the sign-in page, which leads back to this one if that is where a GET on a host of the rules was."""
    back = protected_url(url) if method in ("GET", "HEAD") else None
    return process().settings.base_url + url_for("signin.login", next=back)
