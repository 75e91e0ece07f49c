"""The events page for administrators: what happened, with filters, a plot and downloads."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from flask import Blueprint, Response, abort, make_response, request
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as BaseResponse

from daypass.accounts import accounts
from daypass.audit import export, queries
from daypass.audit.events import Event
from daypass.audit.histogram import histogram
from daypass.audit.queries import EventFilter
from daypass.database.models import database_now
from daypass.runtime import Runtime
from daypass.web.context import current_db, current_runtime
from daypass.web.event_list import PAGE_SIZE, all_names, document, names_in, read_before, read_filter, view
from daypass.web.event_plot import Plot, plot
from daypass.web.forms import EventForm
from daypass.web.gate import token_required
from daypass.web.rendering import render_page

pages = Blueprint("events", __name__, url_prefix="/admin/events")

HOURS, DAYS = 48, 30  # in the plots
Lines = Callable[[Iterable[dict[str, Any]]], Iterator[str]]
FORMATS: dict[str, tuple[str, Lines]] = {
    "csv": ("text/csv; charset=utf-8", export.csv_lines),
    "jsonl": ("application/jsonl; charset=utf-8", export.json_lines),
}


@pages.get("", endpoint="events")
@token_required(role=accounts.ADMIN)
def list_events() -> BaseResponse:
    """List a page of events. `before` is the id of the last event on the page before.

    The plots and the filter are above the newest events only.
    """
    form, db, before = EventForm(request.args), current_db(), request.args.get("before")
    which = read_filter(form, db)
    rows = queries.newest(db, which, PAGE_SIZE + 1, read_before(before)) if which else []
    account_names = names_in(db, rows)
    goes_on = bool(which and before)
    page = render_page(
        "daypass/pages/events.html",
        form=form,
        events=[view(row, account_names) for row in rows[:PAGE_SIZE]],
        older=rows[PAGE_SIZE - 1].id if len(rows) > PAGE_SIZE else None,
        chosen=form.chosen(),
        formats=FORMATS,
        names=sorted(event.value for event in Event),
        goes_on=goes_on,
        plots=[] if goes_on else _plots(db),
    )
    return make_response(page, 200 if which else 422)


def _plots(db: Session) -> list[tuple[str, str, Plot]]:
    """The plots above the newest events: the unit of time of each, its title and its bars."""
    by_hour, by_day = histogram(db, db.scalars(select(database_now())).one(), hours=HOURS, days=DAYS)
    return [("hour", f"The last {HOURS} hours", plot(by_hour)), ("day", f"The last {DAYS} days", plot(by_day))]


@pages.get("/<kind>")
@token_required(role=accounts.ADMIN)
def download(kind: str) -> BaseResponse:
    """Download all events of a filter as CSV or JSON lines, in the order in which they were stored."""
    if kind not in FORMATS:
        abort(404)
    which = read_filter(EventForm(request.args), current_db())
    if which is None:
        abort(400)
    content_type, lines = FORMATS[kind]
    response = Response(lines(_documents(current_runtime(), which)), content_type=content_type)
    response.headers["Content-Disposition"] = f'attachment; filename="events.{kind}"'
    return response


def _documents(runtime: Runtime, which: EventFilter) -> Iterator[dict[str, Any]]:
    """The events, read in batches while the response is sent, after the request's own database session was closed."""
    with runtime.session_factory() as db:
        account_names = all_names(db)
        for row in queries.iterate(db, which):
            yield document(row, account_names)
