"""`flask token ...`: tokens signed and verified with any key that the caller gives, never with the app's own."""

import codecs
import json
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

import click
from flask.cli import AppGroup

from daypass.errors import DaypassError
from daypass.keys.algorithms import Algorithm
from daypass.lab.playground import encoding, key_text, parsing, verification
from daypass.tokens.base64url import encode_base64url
from daypass.tokens.strict_json import compact

DAY = 86_400  # seconds
C = TypeVar("C", bound=Callable[..., Any])

group = AppGroup("token", help="Make and verify tokens with keys of your own. The app's own keys are never used.")


def with_key(command: C) -> C:
    """The options that say how a token is signed."""
    names = click.Choice([algorithm.value for algorithm in Algorithm])
    for option in (
        click.option("--key-file", type=click.Path(path_type=Path), help="Read the key from a file."),
        click.option("--key", help="The key: a secret, or PEM. Other users may see it in the list of processes."),
        click.option("--algorithm", type=names, default="HS256", show_default=True, help="How it is signed."),
    ):
        command = option(command)
    return command


@group.command("encode")
@click.argument("claims", metavar="JSON|-")
@with_key
@click.option(
    "--header", default=encoding.EXAMPLE_HEADER, show_default=True, metavar="JSON", help="The header, without alg."
)
@click.option("--expires-in", type=int, metavar="SECONDS", help="Set exp.  [default: a day, unless JSON has an exp]")
@click.option("--no-expiry", is_flag=True, help="Set no exp.")
def encode(
    claims: str,
    algorithm: str,
    key: str | None,
    key_file: Path | None,
    header: str,
    expires_in: int | None,
    no_expiry: bool,
) -> None:
    """Print a signed token of the claims in JSON, or in the standard input for -."""
    if no_expiry and expires_in is not None:
        raise click.UsageError("Name one of --expires-in, --no-expiry.")
    typed = _key(key, key_file)
    text = _given(claims, encoding.MAX_JSON_LENGTH)
    try:
        if not no_expiry and expires_in is None and "exp" not in encoding.read_claims(text):
            expires_in = DAY
        token = encoding.encode(
            header=header,
            claims=text,
            algorithm=Algorithm(algorithm),
            key=typed,
            expires_in=expires_in,
            now=datetime.now(UTC),
        )
        _note(key_text.warning(typed, Algorithm(algorithm)))
    except DaypassError as error:
        raise click.ClickException(error.message) from None
    click.echo(token)


@group.command("decode")
@click.argument("token", metavar="TOKEN|-")
@with_key
def decode(token: str, algorithm: str, key: str | None, key_file: Path | None) -> None:
    """Print the claims of a token that is valid, or else what is wrong with it, and exit with 1.

    The token is the argument, or in the standard input for -.
    """
    typed = _key(key, key_file)
    text = _given(token, parsing.MAX_TEXT_LENGTH).strip()
    try:
        judgement = verification.verify(text, key=typed, algorithm=Algorithm(algorithm), now=datetime.now(UTC))
    except DaypassError as error:
        raise click.ClickException(error.message) from None
    for note in judgement.notes:
        _note(note)
    click.echo(_json(judgement.claims) if judgement.valid else judgement.message)
    if not judgement.valid:
        raise SystemExit(1)


def _key(key: str | None, key_file: Path | None) -> str:
    """The key as it was typed or as the file has it, where the last line break does not count."""
    if key is not None and key_file is None:
        return key
    if key is not None:
        raise click.UsageError("Name one of --key and --key-file.")
    if key_file is None:
        raise click.UsageError("A key is needed: name one of --key, --key-file.")
    try:
        with key_file.open("rb") as file:
            raw = file.read(4 * key_text.MAX_KEY_LENGTH)
    except OSError as error:
        raise click.UsageError(f"The key file cannot be read: {error.strerror}.") from None
    try:
        return raw.decode("utf-8").removesuffix("\n").removesuffix("\r")
    except UnicodeDecodeError:
        return compact({"kty": "oct", "k": encode_base64url(raw)})


def _given(argument: str, longest: int) -> str:
    """The argument, or what the standard input holds; of a longer text enough to be seen as too long."""
    if argument != "-":
        return argument
    raw = sys.stdin.buffer.read(4 * longest + 1)
    try:
        return codecs.utf_8_decode(raw, "strict", len(raw) <= 4 * longest)[0]
    except UnicodeDecodeError:
        raise click.UsageError("The standard input is not text in UTF-8.") from None


def _json(claims: dict[str, Any] | None) -> str:
    """JSON in which all that a terminal might obey is an escape."""
    text = json.dumps(claims, ensure_ascii=False)
    return "".join(c if c.isprintable() else json.dumps(c)[1:-1] for c in text)


def _note(message: str) -> None:
    if message:
        click.echo(f"Note: {message}", err=True)
