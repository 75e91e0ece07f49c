"""What the checks of all proxies have in common: whom to believe, who asks for which page, and what is told of them."""

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar
from urllib.parse import quote

from flask import Response, g, request, url_for

from daypass import edge, events, gate, proxies
from daypass.access import Answer, Decision
from daypass.errors import Fault, InvalidToken, NotLetIn, Unavailable, UnclearLocation, UntrustedProxy
from daypass.extensions import process
from daypass.gate import Pass, Refusal
from daypass.locations import Location
from daypass.views.arrival import other_host

P = ParamSpec("P")
R = TypeVar("R")

SAFE_IN_HEADER = "".join(map(chr, range(0x20, 0x7F))).replace("%", "")


def for_proxies(view: Callable[P, R]) -> Callable[P, R]:
    """Answer only to proxies whose word is taken; all others are told nothing. What is unclear is refused (403)."""

    @wraps(view)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
        edge.elsewhere()
        if not proxies.is_trusted(request):
            g.visitor = None
            events.record("proxy_refused", "failure", reason="not a trusted proxy")
            raise UntrustedProxy("not a trusted proxy")
        try:
            return view(*args, **kwargs)
        except UnclearLocation as error:
            events.record("page_refused", "failure", reason=error.reason)
            raise NotLetIn(error.reason, sentence=error.sentence) from None

    return guarded


def told(header: str, *, twice: str = ",") -> str:
    """What the proxy says in a header. Raises UnclearLocation where it is missing, or sent twice.

    twice: what stands in the value only if it was: servers join the values of one name with a comma (RFC 9110 5.3).
    """
    value = request.headers.get(header, "")
    if not value or twice in value.replace(" ", "").replace("\t", ""):
        raise UnclearLocation(f"{header} is missing or there twice")
    return value


def let_in(page: Location) -> Response:
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
        case Answer.ALLOWED:
            if visitor is not None:
                gate.check_scope(visitor, page.host, programs=decision.programs, **_named(page))
            return _identified(visitor)
        case Answer.SIGN_IN if isinstance(found, Refusal):
            events.record("token_refused", "failure", reason=found.error.reason, **_named(page))
            raise found.error
    account = visitor.claims.subject if visitor else None
    events.record("page_refused", "failure", account=account, reason="no rule lets them in", **_named(page))
    raise NotLetIn("no rule lets them in")


def _verdict(decision: Decision) -> Pass | Refusal:
    """Who asks; nobody, where that cannot be found out and the page is for everybody."""
    try:
        return gate.verdict(request)
    except Unavailable:
        if not decision.who.public:
            raise
        return Refusal(InvalidToken("no database", Fault.MISSING), from_cookie=False)


def _identified(visitor: Pass | None) -> Response:
    """All identity headers, even empty ones: if one is absent, some proxies pass on the client's own."""
    name = visitor.claims.name if visitor else ""
    roles = visitor.claims.roles if visitor else ()
    identity = {"Remote-User": name, "Remote-Name": name, "Remote-Email": "", "Remote-Groups": ",".join(roles)}
    identity["Remote-Id"] = visitor.claims.subject if visitor else ""
    return Response(headers={header: quote(value, SAFE_IN_HEADER) for header, value in identity.items()})


def _named(page: Location) -> dict[str, str]:
    return {"host": page.host, "page": page.path[:256]}


def sign_in_page(url: str, method: str) -> str:
    """The URL of the sign-in page, which leads back to this one if that is where a GET on a host of the rules was."""
    back = other_host(url) if method in ("GET", "HEAD") else None
    return process().settings.base_url + url_for("signin.login", next=back)
