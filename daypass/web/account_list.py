"""The list of accounts as the query of a URL: what is searched, which list, its order, and where the page begins."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from daypass.accounts import listing
from daypass.accounts.listing import ALL, DISABLED, UNSEEN, Listing, Position, Sort
from daypass.accounts.roles import LIST_PREFIX, ROLE_FORM, list_of
from daypass.database.models import NEVER_SEEN

FIXED_LISTS = {ALL: "All accounts", list_of("admin"): "Administrators", DISABLED: "Disabled", UNSEEN: "Never signed in"}
ORDERS = {  # by the value in the URL, whose hyphen means descending
    "name": "Name, A to Z",
    "-name": "Name, Z to A",
    "-created": "Created, newest first",
    "created": "Created, oldest first",
    "-seen": "Last seen, latest first",
    "seen": "Last seen, earliest first",
}
FIRST_ORDERS = {Sort.NAME: "name", Sort.CREATED: "-created", Sort.SEEN: "-seen"}  # at the first click on a header
MAX_SEARCH = 254  # characters


@dataclass(frozen=True)
class SortHeader:
    """A header that sorts the list: the value of `sort` that its link sets, and how the list is sorted by it now."""

    order: str
    aria_sort: str | None


def read_listing(query: Mapping[str, str]) -> Listing:
    """The list that a URL asks for. What is unknown or malformed counts as missing.

    A search goes through all accounts, by name or address.
    """
    text = query.get("q", "").strip()[:MAX_SEARCH]
    found = listing.search(text) if text else _filtered(query)
    after = query.get("after")
    return replace(found, after=Position(after, _moment(query.get("at", "")))) if after else found


def _filtered(query: Mapping[str, str]) -> Listing:
    which, order = query.get("list", ALL), query.get("sort", "name")
    if which not in FIXED_LISTS and not _is_list_of_role(which):
        which = ALL
    if order not in ORDERS:
        order = "name"
    return Listing(which, sort=Sort(order.lstrip("-")), descending=order.startswith("-"))


def _is_list_of_role(text: str) -> bool:
    return text.startswith(LIST_PREFIX) and ROLE_FORM.fullmatch(text.removeprefix(LIST_PREFIX)) is not None


def _moment(text: str) -> datetime:
    """The time in a link to the next page."""
    try:
        return datetime.fromisoformat(text).replace(tzinfo=UTC)
    except ValueError:
        return NEVER_SEEN


def query_of(shown: Listing) -> dict[str, str]:
    """The query of the first page of a list, without what is the default."""
    if shown.prefix:
        return {"q": shown.prefix}
    query = {"list": shown.list, "sort": order_of(shown)}
    return {name: value for name, value in query.items() if value not in (ALL, "name")}


def order_of(shown: Listing) -> str:
    """The value of `sort` for the order of a list."""
    return f"-{shown.sort}" if shown.descending else str(shown.sort)


def next_query(shown: Listing, position: Position) -> dict[str, str]:
    """The query of the next page of a list."""
    query = query_of(shown) | {"after": position.key}
    if shown.sort is Sort.NAME:
        return query
    return query | {"at": position.at.astimezone(UTC).replace(tzinfo=None).isoformat()}


def sort_headers(shown: Listing) -> dict[str, SortHeader]:
    """The headers that sort the list, by column. A header that sorts already reverses the order."""
    return {sort.value: _header(shown, sort) for sort in Sort}


def _header(shown: Listing, sort: Sort) -> SortHeader:
    if sort is not shown.sort:
        return SortHeader(FIRST_ORDERS[sort], None)
    reverse = str(sort) if shown.descending else f"-{sort}"
    return SortHeader(reverse, "descending" if shown.descending else "ascending")
