"""`daypass audit ...`: verify and list the stored events."""

import json
import re
from datetime import UTC, datetime, timedelta
from typing import Any

import click
from sqlalchemy import select

from daypass.accounts import queries as account_queries
from daypass.audit import chain, export, queries
from daypass.audit.events import Event
from daypass.audit.queries import EventFilter
from daypass.audit.verification import Verified, verify
from daypass.cli import terminal_events
from daypass.cli.command_context import current_db, current_runtime
from daypass.cli.database_command import on_database
from daypass.database.event_models import EventRow
from daypass.database.models import Account
from daypass.database.transactions import write_transaction

AGO = re.compile(r"([0-9]{1,5})([mhd])")
UNITS = {"m": "minutes", "h": "hours", "d": "days"}

group = click.Group("audit", help="Verify and list the stored audit events.")


class Moment(click.ParamType[datetime]):
    """A time in UTC: `2026-11-23`, `2026-11-23T08:14`, or so long ago: `30m`, `24h`, `7d`."""

    name = "time"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        if ago := AGO.fullmatch(value):
            return datetime.now(UTC) - timedelta(**{UNITS[ago[2]]: int(ago[1])})
        try:
            moment = datetime.fromisoformat(value)
        except ValueError:
            self.fail("Use a time such as 2026-11-23, 2026-11-23T08:14, 24h or 7d.", param, ctx)
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


@group.command("verify")
@on_database
def verify_chain() -> None:
    """Verify that no stored event was changed, removed, inserted or moved. Exits with 1 if one was."""
    click.echo(_summary(verify(current_db(), current_runtime().settings.secret_keys)))


@group.command("list")
@click.option("--since", type=Moment(), help="Only events since then: 2026-11-23, 24h or 7d.")
@click.option("--event", type=click.Choice([event.value for event in Event]), help="Only this event.")
@click.option("--account", metavar="NAME", help="Only events about this account, or caused by it.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object per line, with all facts.")
@on_database
def list_events(since: datetime | None, event: str | None, account: str | None, as_json: bool) -> None:
    """List stored events, oldest first: time, event, outcome, count, account, address, reason."""
    account_id = account_queries.find(current_db(), account).id if account else None
    names = {row.id: row.name for row in current_db().execute(select(Account.id, Account.name))}
    for row in queries.iterate(current_db(), EventFilter(since=since, event=event, concerns=account_id)):
        click.echo(json.dumps(export.document(row, names)) if as_json else _line(row, names))


@group.command("restart")
@click.confirmation_option(prompt="The events stored so far will not be verified any more. Go on?")
@on_database
def restart() -> None:
    """Start a new chain, after a lost secret key or once a broken trail was investigated.

    The stored events are kept, but not verified any more.
    """
    with write_transaction(current_db()):
        chain.restart(current_db(), current_runtime().settings.secret_keys)
    terminal_events.record(Event.AUDIT_RESTARTED)
    click.echo("A new chain begins with the next event.")


def _summary(verified: Verified) -> str:
    earlier = f" {_rows(verified.uncovered)} from before the restart can't be verified." if verified.uncovered else ""
    if not verified.rows or verified.first is None or verified.last is None:
        return f"No events are stored.{earlier}"
    span = " to ".join(each.isoformat(timespec="seconds") for each in (verified.first, verified.last))
    return f"{_rows(verified.rows)} in one unbroken chain, from {span}.{earlier}"


def _rows(count: int) -> str:
    return "1 row" if count == 1 else f"{count} rows"


def _line(row: EventRow, names: dict[str, str]) -> str:
    """One event. Text from outside is escaped, because it is shown in a terminal."""
    account = names.get(row.account_id or "", row.account_id or "-")
    reason = json.dumps(json.loads(row.facts).get("reason", "-"))[1:-1]
    time = row.at.isoformat(timespec="seconds")
    return "\t".join([time, row.event, row.outcome, str(row.count), account, row.address or "-", reason])
