"""The page of everybody's own events: what happened to their account."""

from flask import Blueprint, request

from daypass.audit import queries
from daypass.audit.queries import EventFilter
from daypass.web.context import current_db
from daypass.web.event_list import PAGE_SIZE, names_in, own_view, read_before
from daypass.web.gate import current_claims, token_required
from daypass.web.rendering import render_page

pages = Blueprint("own_events", __name__, url_prefix="/account/events")


@pages.get("", endpoint="events")
@token_required
def list_own_events() -> str:
    """List a page of the events that concern the visitor's account, or that the visitor caused."""
    own_id = current_claims().subject
    rows = queries.newest(
        current_db(), EventFilter(concerns=own_id), PAGE_SIZE + 1, read_before(request.args.get("before"))
    )
    account_names = names_in(current_db(), rows)
    return render_page(
        "daypass/pages/own_events.html",
        events=[own_view(row, account_names, own_id) for row in rows[:PAGE_SIZE]],
        older=rows[PAGE_SIZE - 1].id if len(rows) > PAGE_SIZE else None,
    )
