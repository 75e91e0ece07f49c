"""What the page that refuses a visitor says about the page that is closed."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from daypass.errors import AmbiguousTarget
from daypass.net.request_target import RequestTarget
from daypass.runtime import Runtime
from daypass.web.forward_auth.common import ProxyProtocol, sign_in_url
from daypass.web.rules_in_force import rules_in_force

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

CLOSED_PAGE = "daypass.closed_page"  # key in the environ: the page that a check has refused, or None
MAX_ADDRESS_LENGTH = 200  # characters


@dataclass(frozen=True)
class ClosedPage:
    """The refused page. address: its host and path, shortened. sign_in_url: leads back to it.

    title: that of the rule which decides about it, if there is one.
    """

    host: str
    title: str
    address: str
    sign_in_url: str


def closed_page(runtime: Runtime, environ: "WSGIEnvironment", protocol: ProxyProtocol) -> ClosedPage | None:
    """The page that the proxy asks about; None if its address is ambiguous, so that nothing of it is shown."""
    try:
        page, url = protocol.requested_page(environ), protocol.requested_url(environ)
    except AmbiguousTarget:
        return None
    return ClosedPage(
        page.host,
        rules_in_force(runtime.rules).title(page),
        _address(page),
        sign_in_url(runtime, url, page.method, switch=True),
    )


def _address(page: RequestTarget) -> str:
    address = f"{page.host}{page.path}"
    return address if len(address) <= MAX_ADDRESS_LENGTH else f"{address[:MAX_ADDRESS_LENGTH]}…"
