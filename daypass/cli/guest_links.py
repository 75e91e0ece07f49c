"""`daypass guest-links ...`: share one path with people who have no account."""

import click

from daypass.audit.entry import page_facts
from daypass.audit.events import Event
from daypass.cli import terminal_events
from daypass.cli.command_context import current_db, current_runtime
from daypass.cli.database_command import on_database
from daypass.database.transactions import write_transaction
from daypass.guest_links import links
from daypass.guest_links.links import MAX_DAYS, Terms
from daypass.tokens.link_codes import code_url
from daypass.web.shared_pages import check_label, expiry, shareable_target

DEFAULT_DAYS = 7

group = click.Group("guest-links", help="Create, list and revoke links for guests.")


@group.command("add")
@click.argument("url")
@click.option("--days", type=click.IntRange(1, MAX_DAYS), default=DEFAULT_DAYS, show_default=True)
@click.option("--for", "label", default="Shared page", show_default=True, help="What it is for. Guests see it.")
@on_database
def add(url: str, days: int, label: str) -> None:
    """Print a link that opens the page at URL; if URL ends in a slash, everything below it too."""
    db, runtime = current_db(), current_runtime()
    terms = Terms(shareable_target(runtime, url), check_label(label), expiry(days))
    with write_transaction(db):
        code = links.create(db, None, terms)
        facts = page_facts(terms.target.host, terms.target.path)
        terminal_events.record_with(db, Event.GUEST_LINK_CREATED, **facts)
    click.echo(code_url(runtime.settings.pages_url + links.PATH, code))


@group.command("list")
@on_database
def list_links() -> None:
    """List the links: id, what it opens, what for, who made it, and until when it works."""
    for row in links.list_links(current_db()):
        until = "expired" if row.is_expired else f"{row.expires_at:%Y-%m-%d %H:%M UTC}"
        click.echo("\t".join([row.id, f"{row.host}{row.path}", row.label, row.creator or "terminal", until]))


@group.command("revoke")
@click.argument("link_id", metavar="ID")
@on_database
def revoke(link_id: str) -> None:
    """Revoke the link ID, as `daypass guest-links list` lists it."""
    db = current_db()
    with write_transaction(db):
        shared = links.revoke(db, link_id)
        facts = page_facts(shared.host, shared.path)
        terminal_events.record_with(db, Event.GUEST_LINK_REVOKED, link=shared.id, **facts)
    click.echo("Revoked. The link does not open anything any more.")
