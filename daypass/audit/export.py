"""Stored events as JSON lines and as CSV."""

import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC
from typing import Any

from daypass.database.event_models import EventRow

# With one of these at its beginning, a spreadsheet program runs a cell as a formula (OWASP CSV Injection).
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")  # noqa: RUF001  # full-width ones too
CSV_HEADER = ("id", "time", "event", "outcome", "account", "account_name", "by", "address", "request", "count", "facts")


def document(row: EventRow, account_names: Mapping[str, str]) -> dict[str, Any]:
    """An event as a JSON object. account_names: by id; deleted accounts have none."""
    return {
        "id": row.id,
        "time": row.at.astimezone(UTC).isoformat(timespec="milliseconds"),
        "event": row.event,
        "outcome": row.outcome,
        "account": row.account_id,
        "account_name": account_names.get(row.account_id or ""),
        "by": row.by_id,
        "address": row.address,
        "request": row.request_id,
        "count": row.count,
        "facts": json.loads(row.facts),
    }


def json_lines(documents: Iterable[dict[str, Any]]) -> Iterator[str]:
    """One line of JSON for each event."""
    return (json.dumps(each, ensure_ascii=True) + "\n" for each in documents)


def csv_lines(documents: Iterable[dict[str, Any]]) -> Iterator[str]:
    """CSV (RFC 4180) with a header; no cell is run as a formula."""
    yield _csv_line(CSV_HEADER)
    for each in documents:
        facts = json.dumps(each["facts"], ensure_ascii=True)
        yield _csv_line([harmless(each[name]) for name in CSV_HEADER[:-1]] + [harmless(facts)])


def harmless(value: object) -> str:
    """The text of a cell, with an apostrophe before what a spreadsheet program would run."""
    text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(FORMULA) else text


def _csv_line(cells: Iterable[str]) -> str:
    line = io.StringIO()
    csv.writer(line, quoting=csv.QUOTE_ALL).writerow(cells)
    return line.getvalue()
