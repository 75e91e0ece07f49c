"""`daypass token ...`: sign and verify tokens with a key that the caller provides, never with the app's own keys."""

import codecs
import json
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

import click

from daypass.errors import DaypassError
from daypass.keys.algorithms import Algorithm
from daypass.lab.playground import encoding, json_fields, key_text, parsing, verification
from daypass.tokens.base64url import encode_base64url
from daypass.tokens.strict_json import compact

DAY = 86_400  # seconds
C = TypeVar("C", bound=Callable[..., Any])

group = click.Group("token", help="Create and verify tokens with your own keys. The app's keys are never used.")


def with_key(command: C) -> C:
    """Add the options for the key and the algorithm to a command."""
    names = click.Choice([algorithm.value for algorithm in Algorithm])
    for option in (
        click.option("--key-file", type=click.Path(path_type=Path), help="Read the key from a file."),
        click.option("--key", help="The key: a secret, PEM or a JWK. Other users may see it in the list of processes."),
        click.option("--algorithm", type=names, default="HS256", show_default=True, help="The signature algorithm."),
    ):
        command = option(command)
    return command


@group.command("encode")
@click.argument("claims", metavar="JSON|-")
@with_key
@click.option(
    "--header", default=json_fields.EXAMPLE_HEADER, show_default=True, metavar="JSON", help="The header, without alg."
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
    """Print a signed token with the claims in JSON; with -, read them from standard input."""
    if no_expiry and expires_in is not None:
        raise click.UsageError("Use only one of --expires-in and --no-expiry.")
    typed_key = _key(key, key_file)
    text = _text(claims, json_fields.MAX_JSON_LENGTH)
    try:
        if not no_expiry and expires_in is None and "exp" not in encoding.read_claims(text):
            expires_in = DAY
        token = encoding.encode(
            header=header,
            claims=text,
            algorithm=Algorithm(algorithm),
            key=typed_key,
            expires_in=expires_in,
            now=datetime.now(UTC),
        )
        for remark in key_text.remarks(typed_key, Algorithm(algorithm)):
            _note(remark)
    except DaypassError as error:
        raise click.ClickException(error.message) from None
    click.echo(token)


@group.command("decode")
@click.argument("token", metavar="TOKEN|-")
@with_key
def decode(token: str, algorithm: str, key: str | None, key_file: Path | None) -> None:
    """Print the claims of a valid token. Otherwise print what is wrong with it, and exit with 1.

    With -, read the token from standard input.
    """
    typed_key = _key(key, key_file)
    text = _text(token, parsing.MAX_TEXT_LENGTH).strip()
    try:
        result = verification.verify(text, key=typed_key, algorithm=Algorithm(algorithm), now=datetime.now(UTC))
    except DaypassError as error:
        raise click.ClickException(error.message) from None
    for note in result.notes:
        _note(note)
    click.echo(_json(result.claims) if result.valid else result.message)
    if not result.valid:
        raise SystemExit(1)


def _key(key: str | None, key_file: Path | None) -> str:
    """The key from the option or the file, without the final line break of the file."""
    if key is not None and key_file is None:
        return key
    if key is not None:
        raise click.UsageError("Use only one of --key and --key-file.")
    if key_file is None:
        raise click.UsageError("A key is required: use --key or --key-file.")
    try:
        with key_file.open("rb") as file:
            raw = file.read(4 * key_text.MAX_KEY_LENGTH)
    except OSError as error:
        raise click.UsageError(f"The key file cannot be read: {error.strerror}.") from None
    try:
        return raw.decode("utf-8").removesuffix("\n").removesuffix("\r")
    except UnicodeDecodeError:
        return compact({"kty": "oct", "k": encode_base64url(raw)})


def _text(argument: str, max_length: int) -> str:
    """The argument, or for - the standard input, of which no more is read than shows that it is too long."""
    if argument != "-":
        return argument
    raw = sys.stdin.buffer.read(4 * max_length + 1)
    try:
        return codecs.utf_8_decode(raw, "strict", len(raw) <= 4 * max_length)[0]
    except UnicodeDecodeError:
        raise click.UsageError("The standard input is not UTF-8 text.") from None


def _json(claims: dict[str, Any] | None) -> str:
    """JSON with control characters escaped, so that no terminal acts on them."""
    text = json.dumps(claims, ensure_ascii=False)
    return "".join(c if c.isprintable() else json.dumps(c)[1:-1] for c in text)


def _note(message: str) -> None:
    click.echo(f"Note: {message}", err=True)
