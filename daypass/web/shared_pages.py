"""The pages that guest links can open: their address as it is typed, and as a link."""

from datetime import UTC, datetime, timedelta
from functools import partial

from daypass.accounts import end_dates
from daypass.accounts.errors import InvalidEndDate
from daypass.errors import AmbiguousTarget
from daypass.guest_links.coverage import SharedPath, check_shareable
from daypass.guest_links.errors import InvalidGuestLink, NotShareable
from daypass.guest_links.links import MAX_DAYS, MAX_LABEL_LENGTH
from daypass.net.request_target import RequestTarget, from_typed_url
from daypass.rules.model import NOBODY, Rules
from daypass.runtime import Runtime
from daypass.web.ruled_urls import ruled_url, shares_cookie
from daypass.web.rules_in_force import rules_in_force
from daypass.web.static_site.access import decide, site_host

OWN_PAGES = (
    "This is a page of Daypass, or of the app that it is part of. Guest links open pages that rules decide about: those"
    " of a folder (DAYPASS_SITE), and of apps behind a proxy."
)
NO_COOKIE = "A guest link cannot open pages of {}: browsers send it no cookie of Daypass (DAYPASS_COOKIE_DOMAIN)."


def shareable_target(runtime: Runtime, typed: str) -> RequestTarget:
    """The page at a typed address. Raises NotShareable, whose message says in words why there can be no link to it."""
    settings, rules = runtime.settings, rules_in_force(runtime.rules)
    if not typed.strip():
        raise NotShareable("empty", message="Enter the address of the page.")
    try:
        target = from_typed_url(typed, "GET")
    except AmbiguousTarget as error:
        raise NotShareable(error.reason, message=f"This address is refused for everybody: {error.reason}.") from None
    if target.host in settings.trusted_hosts:
        target = _on_own_host(runtime, rules, target)
    check_shareable(target, partial(decide, runtime))
    url = ruled_url(settings, rules, target.host, target.path)
    if not url.startswith("/") and not shares_cookie(url, settings):
        raise NotShareable("no shared cookie", message=NO_COOKIE.format(target.host))
    return target


def _on_own_host(runtime: Runtime, rules: Rules, typed: RequestTarget) -> RequestTarget:
    """A page of the static site or behind a proxy, under the host that the rules name. Raises NotShareable."""
    settings, target = runtime.settings, RequestTarget(site_host(runtime.settings, rules), typed.path)
    is_own = settings.prefix and f"{target.path}/".startswith(f"{settings.prefix}/")
    if is_own or decide(runtime, target).allow == NOBODY:
        raise NotShareable("own pages", message=OWN_PAGES)
    return target


def shared_url(runtime: Runtime, shared: SharedPath) -> str:
    """The URL to which the link leads. Raises InvalidGuestLink if the rules do not name its host any more."""
    if decide(runtime, RequestTarget(shared.host, shared.path)).allow == NOBODY:
        raise InvalidGuestLink("the rules do not name its host any more")
    return ruled_url(runtime.settings, rules_in_force(runtime.rules), shared.host, shared.path)


def check_label(text: str) -> str:
    """What the link is for. Raises NotShareable."""
    label = text.strip()
    if not label or len(label) > MAX_LABEL_LENGTH or not label.isprintable():
        raise NotShareable("label", message=f"Enter 1 to {MAX_LABEL_LENGTH} characters.")
    return label


def expiry(days: int, until: str = "") -> datetime:
    """When a link expires: at the end of the day `until` in UTC, or after some days. Raises NotShareable."""
    now = datetime.now(UTC)
    if not until:
        return now + timedelta(days=days)
    try:
        ends_at = end_dates.end_of(end_dates.parse(until))
    except InvalidEndDate as error:
        raise NotShareable("no date", message=error.message) from None
    if not now < ends_at <= now + timedelta(days=MAX_DAYS):
        raise NotShareable("date out of range", message=f"Choose a day from today on, at most {MAX_DAYS} days ahead.")
    return ends_at
