"""`flask keys ...`: the key ring from a terminal."""

import click
from flask.cli import AppGroup

from daypass.cli.database_command import on_database
from daypass.database.transactions import write_transaction
from daypass.keys import rotation, signing_key
from daypass.keys.algorithms import Algorithm
from daypass.runtime import db, process
from daypass.web import audit

group = AppGroup("keys", help="List, rotate, drop and re-encrypt the signing keys.")


@group.command("list")
@on_database
def list_keys() -> None:
    """List the keys: id, algorithm, when made, and what each is for."""
    for row in rotation.list_keys(db.session):
        made = row.created_at.isoformat(timespec="seconds")
        click.echo("\t".join([row.kid, row.algorithm, made, "signs" if row.signs else "verifies"]))


@group.command("rotate")
@click.option(
    "--algorithm", type=click.Choice([each.value for each in Algorithm]), help="Of the new key; else DAYPASS_ALGORITHM."
)
@on_database
def rotate(algorithm: str | None) -> None:
    """Sign with a new key from now on; tokens of the former one stay good until they end."""
    _check_secret_key()
    key = signing_key.generate(Algorithm(algorithm or process().settings.algorithm))
    with write_transaction(db.session):
        rotation.rotate(db.session, key, process().settings.secret_key)
    audit.record("keys_rotated", "success", key=key.kid, by="terminal")
    click.echo(f"{key.kid} ({key.algorithm}) signs from now on.")


@group.command("drop")
@click.argument("kid")
@on_database
def drop(kid: str) -> None:
    """Refuse every token that the key KID has signed, at once and for good: for a key that others may know."""
    _check_secret_key()
    with write_transaction(db.session):
        rotation.drop(db.session, kid)
    audit.record("key_dropped", "success", key=kid, by="terminal")
    click.echo(f"Dropped {kid}. Its tokens are refused. {process().keys.ring.signing.kid} signs.")


@group.command("reencrypt")
@on_database
def reencrypt() -> None:
    """Encrypt the keys under DAYPASS_SECRET_KEY, whichever of the former ones they are under now."""
    with write_transaction(db.session):
        count = rotation.reencrypt(db.session, process().settings.secret_keys)
    audit.record("keys_reencrypted", "success", count=str(count), by="terminal")
    click.echo(f"{'1 key is' if count == 1 else f'{count} keys are'} encrypted under DAYPASS_SECRET_KEY now.")


def _check_secret_key() -> None:
    """Raise SettingsError where this SECRET_KEY does not open the ring: no server could read a key sealed under it."""
    process().keys.ring  # noqa: B018
