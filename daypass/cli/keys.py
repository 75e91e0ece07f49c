"""`daypass keys ...`: manage the key ring."""

import click
from sqlalchemy import select

from daypass.audit import chain
from daypass.audit.events import Event
from daypass.cli import terminal_events
from daypass.cli.command_context import current_db, current_runtime
from daypass.cli.database_command import on_database
from daypass.database.transactions import write_transaction
from daypass.keys import rotation, signing_key
from daypass.keys.algorithms import SIGNING_ALGORITHMS, signing_algorithm
from daypass.keys.errors import UnreadableKey
from daypass.sessions import dropped_keys

group = click.Group("keys", help="List, rotate, drop and re-encrypt the signing keys.")


@group.command("list")
@on_database
def list_keys() -> None:
    """List the keys: ID, algorithm, time of creation, and whether each signs or only verifies."""
    for row in rotation.list_keys(current_db()):
        created = row.created_at.isoformat(timespec="seconds")
        click.echo("\t".join([row.kid, row.algorithm, created, "signs" if row.signs else "verifies"]))


@group.command("rotate")
@click.option(
    "--algorithm",
    type=click.Choice([each.value for each in SIGNING_ALGORITHMS]),
    help="Of the new key.  [default: DAYPASS_ALGORITHM]",
)
@on_database
def rotate(algorithm: str | None) -> None:
    """Sign with a new key from now on. Tokens signed with the old key stay valid until they expire."""
    _check_secret_key()
    key = signing_key.generate(signing_algorithm(algorithm or current_runtime().settings.algorithm))
    with write_transaction(current_db()):
        rotation.rotate(current_db(), key, current_runtime().settings.secret_key)
    terminal_events.record(Event.KEYS_ROTATED, key=key.kid)
    click.echo(f"{key.kid} ({key.algorithm}) signs from now on.")


@group.command("drop")
@click.argument("kid")
@on_database
def drop(kid: str) -> None:
    """Remove the key KID, for example because it leaked. Every token that it signed is refused at once."""
    could_read_all = _knows_secret_key()
    with write_transaction(current_db()):
        ended = dropped_keys.drop(current_db(), kid)
    terminal_events.record(Event.KEY_DROPPED, key=kid, count=str(ended))
    sessions = "1 session" if ended == 1 else f"{ended} sessions"
    click.echo(f"Dropped {kid} and ended {sessions}. {_successor(create=could_read_all)}")


@group.command("reencrypt")
@on_database
def reencrypt() -> None:
    """Encrypt all keys under DAYPASS_SECRET_KEY, and that of the audit trail, so that former secret keys can go."""
    secret_keys = current_runtime().settings.secret_keys
    with write_transaction(current_db()):
        count = rotation.reencrypt(current_db(), secret_keys)
        chain.reencrypt(current_db(), secret_keys)
    terminal_events.record(Event.KEYS_REENCRYPTED, count=str(count))
    click.echo(f"{'1 key is' if count == 1 else f'{count} keys are'} now encrypted under DAYPASS_SECRET_KEY.")


def _successor(*, create: bool) -> str:
    """Which key signs now. If none is left, create one, unless the servers could not read a key of this SECRET_KEY."""
    signing = current_db().scalar(select(rotation.SIGNING_KEY_ID))
    if signing is None and not create:
        return "A server makes the next key itself."
    return f"{signing or current_runtime().keys.current().signing.kid} signs."


def _knows_secret_key() -> bool:
    """Whether SECRET_KEY decrypts the ring. Dropping a key needs no secret, so it works where that was lost."""
    try:
        _check_secret_key()
    except UnreadableKey:
        return False
    return True


def _check_secret_key() -> None:
    """Raise UnreadableKey if the secret keys cannot decrypt the ring: servers could not read a new key either."""
    rotation.check_readable(current_db(), current_runtime().settings.secret_keys)
