"""Stored events as pages and downloads show them."""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sqlalchemy import ColumnElement, select, true
from sqlalchemy.orm import Session

from daypass.accounts import names
from daypass.accounts.errors import InvalidName
from daypass.audit import export
from daypass.audit.queries import EventFilter
from daypass.database.event_models import EventRow
from daypass.database.models import Account
from daypass.net.addresses import parse_address
from daypass.web.event_words import describe
from daypass.web.forms import EventForm
from daypass.web.template_filters import pass_number
from daypass.web.user_agents import describe_user_agent

PAGE_SIZE = 50  # rows
ACCOUNT_ID = re.compile("[0-9a-f]{32}")
MAX_DIGITS = 18  # of an id, which has 63 bits
PROGRAMS = {"terminal": "the command line", "itself": "this site itself"}
ADMINISTRATOR = "an administrator"


@dataclass(frozen=True)
class EventView:
    """An event in words. account, by, address, browser, reason and path are None where they are unknown."""

    id: int
    at: datetime
    what: str
    is_failure: bool
    count: int
    account: str | None
    by: str | None
    address: str | None
    browser: str | None
    reason: str | None
    path: str | None


def view(row: EventRow, account_names: Mapping[str, str]) -> EventView:
    """An event as administrators see it."""
    facts: dict[str, str] = json.loads(row.facts)
    agent = facts.get("user_agent")
    return EventView(
        id=row.id,
        at=row.at,
        what=describe(row.event, row.outcome),
        is_failure=row.outcome == "failure",
        count=row.count,
        account=account_names.get(row.account_id or "", row.account_id),
        by=PROGRAMS.get(row.by_id or "", account_names.get(row.by_id or "", row.by_id)),
        address=row.address,
        browser=describe_user_agent(agent) if agent else None,
        reason=facts.get("reason"),
        path=facts.get("path"),
    )


def own_view(row: EventRow, account_names: Mapping[str, str], own_id: str) -> EventView:
    """An event as somebody sees it who is in it: of what others did to the account, not who and from where.

    The account is None unless it is another one.
    """
    shown = view(row, account_names)
    if row.account_id == own_id:
        shown = replace(shown, account=None)
    if row.by_id in (None, own_id):
        return replace(shown, by=None)
    by = PROGRAMS.get(row.by_id or "", ADMINISTRATOR)
    return replace(shown, by=by, address=None, browser=None, path=None)


def document(row: EventRow, account_names: Mapping[str, str]) -> dict[str, Any]:
    """An event for a download. The number of a pass takes the place of the session's id."""
    found = export.document(row, account_names)
    session = found["facts"].pop("session", None)
    if session:
        found["facts"]["pass"] = pass_number(session)
    return found


def own_document(row: EventRow, own_id: str) -> dict[str, Any]:
    """An event for a download by somebody who is in it. It tells what `own_view` tells."""
    found = document(row, {})
    del found["account_name"]
    if row.by_id not in (None, own_id):
        reason = {name: fact for name, fact in found["facts"].items() if name == "reason"}
        by = PROGRAMS.get(row.by_id or "", ADMINISTRATOR)
        found |= {"by": by, "address": None, "request": None, "facts": reason}
    return found


def names_in(db: Session, rows: Iterable[EventRow]) -> dict[str, str]:
    """The names of the accounts in these events, by id. Deleted accounts have none."""
    found = {account_id for row in rows for account_id in (row.account_id, row.by_id) if account_id}
    return _names(db, Account.id.in_(found))


def all_names(db: Session) -> dict[str, str]:
    """The names of all accounts, by id."""
    return _names(db, true())


def _names(db: Session, which: ColumnElement[bool]) -> dict[str, str]:
    return {account_id: name for account_id, name in db.execute(select(Account.id, Account.name).where(which))}


def read_before(text: str | None) -> int | None:
    """The id in the link to older events; None for the newest, and for text that is no id."""
    return int(text) if text and text.isascii() and text.isdecimal() and len(text) <= MAX_DIGITS else None


def read_filter(form: EventForm, db: Session) -> EventFilter | None:
    """The filter in a form; None if a field is invalid, which then has an error."""
    found = EventFilter(
        event=form.event.data or None,
        outcome=form.outcome.data or None,
        account_id=_account_id(form, db),
        address=_address(form),
        since=_midnight(form.since.data),
        until=_midnight(form.until.data, days=1),
    )
    for field in (form.since, form.until):
        if field.errors or field.process_errors:
            field.errors = ["Enter a date such as 2026-11-23."]
    return None if any(field.errors for field in form) else found


def _account_id(form: EventForm, db: Session) -> str | None:
    text = (form.account.data or "").strip()
    if not text:
        return None
    try:
        known = db.scalar(select(Account.id).where(Account.name == names.canonical(text)))
    except InvalidName:
        known = None
    if known is None and not ACCOUNT_ID.fullmatch(text):
        form.account.errors = ["There is no account with this name. For a deleted account, enter its id."]
    return known or text


def _address(form: EventForm) -> str | None:
    text = (form.address.data or "").strip()
    address = parse_address(text)
    if text and address is None:
        form.address.errors = ["Enter an address such as 192.0.2.7."]
    return str(address) if address else None


def _midnight(day: date | None, *, days: int = 0) -> datetime | None:
    try:
        return datetime.combine(day + timedelta(days=days), time(0), UTC) if day else None
    except OverflowError:
        return None
