"""Download what is stored about the visitor, as JSON."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime

from flask import Blueprint, Response

from daypass.accounts import own_data
from daypass.audit import queries
from daypass.audit.events import Event
from daypass.audit.queries import EventFilter
from daypass.runtime import Runtime
from daypass.web import audit
from daypass.web.context import current_runtime
from daypass.web.event_list import own_document
from daypass.web.gate import current_claims, token_required
from daypass.web.reauthentication import TEN_MINUTES

pages = Blueprint("own_data", __name__, url_prefix="/account")


@pages.post("/export")
@token_required(fresh=TEN_MINUTES, act="download your data")
def export() -> Response:
    """A JSON object with the account, its sessions, known browsers, invitations, guest links, messages and events."""
    claims = current_claims()
    audit.record(Event.DATA_EXPORTED, "success", account=claims.subject)
    response = Response(_json(current_runtime(), claims.subject), mimetype="application/json")
    name = f"daypass-{claims.name}-{datetime.now(UTC):%Y-%m-%d}.json"  # names of accounts are safe in file names
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _json(runtime: Runtime, account_id: str) -> Iterator[str]:
    """The object. Its events are read in batches while it is sent, since they may be many."""
    with runtime.session_factory() as db:
        beginning = json.dumps(own_data.own_data(db, account_id), indent=1).removesuffix("\n}")
        yield f'{beginning},\n "events": ['
        separator = "\n  "
        for row in queries.iterate(db, EventFilter(concerns=account_id)):
            yield separator + json.dumps(own_document(row, account_id))
            separator = ",\n  "
    yield "\n ]\n}\n"
