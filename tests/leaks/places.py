"""The places in the code where secrets come in and where text goes out, and the observers that record them there."""

import functools
import inspect
import json
import logging
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, fields
from typing import Any

from tests.leaks.collection import Collection

Function = Callable[..., Any]
Observer = Callable[[Collection, Function], Function]
Arguments = Mapping[str, Any]  # of a call, by parameter
WRITE = re.compile(r"(?:INSERT INTO|UPDATE) \"?(\w+)")  # and the table
PASSWORD, SIGNING_KEY, AUDIT_KEY, LINK_CODE = "password", "signing key", "audit key", "link code"


@dataclass(frozen=True)
class Place:
    """A function, or a method with its class, and the observer that is put around it."""

    module: str
    name: str
    observer: Observer


def argument(parameter: str, kind: str) -> Observer:
    """Record an argument as a secret, before the call."""
    return before(lambda collection, given: collection.add_secret(kind, given[parameter]))


def result(record: Callable[[Collection, Any, Arguments], None]) -> Observer:
    """Call `record` with the collection, the result and the arguments, after the call."""

    def observer(collection: Collection, function: Function) -> Function:
        signature = inspect.signature(function)

        @functools.wraps(function)
        def observed(*given: Any, **named: Any) -> Any:
            value = function(*given, **named)
            record(collection, value, signature.bind(*given, **named).arguments)
            return value

        return observed

    return observer


def before(record: Callable[[Collection, Arguments], None]) -> Observer:
    """Call `record` with the collection and the arguments, before the call."""

    def observer(collection: Collection, function: Function) -> Function:
        signature = inspect.signature(function)

        @functools.wraps(function)
        def observed(*given: Any, **named: Any) -> Any:
            record(collection, signature.bind(*given, **named).arguments)
            return function(*given, **named)

        return observed

    return observer


def lines(kind: str) -> Observer:
    """Record each line that a generator yields as output."""

    def observer(collection: Collection, function: Function) -> Function:
        @functools.wraps(function)
        def observed(*given: Any, **named: Any) -> Iterator[str]:
            for line in function(*given, **named):
                collection.add_output(kind, line)
                yield line

        return observed

    return observer


def token(collection: Collection, text: str, arguments: Arguments) -> None:
    """A token that was issued, by its purpose."""
    collection.add_secret(f"{arguments['claims'].purpose} token", text)


def settings(collection: Collection, _: None, arguments: Arguments) -> None:
    """The settings that are secret: those whose value is not in the `repr`, and passwords in URLs."""
    given = arguments["self"]
    for field in fields(given):
        value = getattr(given, field.name)
        if not field.repr:
            for text in _texts(value):
                collection.add_secret(field.name, text)
    collection.add_secret("database password", given.database_url.password or "")


def _texts(value: Any) -> Iterable[str]:
    """The secret texts of a setting: itself, each of several, or the password of a mail server."""
    if isinstance(value, str):
        return [value]
    return value if isinstance(value, tuple) else [getattr(value, "password", "")]


def signing_key(collection: Collection, _: None, arguments: Arguments) -> None:
    """A private key, as bytes: the secret of HMAC, else the number that is secret."""
    private = arguments["self"].private
    if isinstance(private, bytes):
        collection.add_secret(SIGNING_KEY, private)
    elif hasattr(private, "private_bytes_raw"):
        collection.add_secret(SIGNING_KEY, private.private_bytes_raw())
    elif hasattr(private, "private_numbers"):
        numbers = private.private_numbers()
        secret = numbers.d if hasattr(numbers, "d") else numbers.private_value
        collection.add_secret(SIGNING_KEY, secret.to_bytes((secret.bit_length() + 7) // 8, "big"))


def audit_key(collection: Collection, key: bytes, _: Arguments) -> None:
    """The key of the chain of stored events."""
    collection.add_secret(AUDIT_KEY, key)


def link_code(collection: Collection, code: str, _: Arguments) -> None:
    """The code in the link of a set-up or an invitation, or in a guest link."""
    collection.add_secret(LINK_CODE, code)


def statements(collection: Collection, _: None, arguments: Arguments) -> None:
    """What is written to a database through this engine, even if it is deleted again."""
    from sqlalchemy import event

    @event.listens_for(arguments["engine"], "before_cursor_execute")
    def record(connection: Any, cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        if found := WRITE.match(statement):
            collection.add_output(f"rows-{found[1]}", repr(parameters))


def metrics_page(collection: Collection, page: bytes, _: Arguments) -> None:
    """A page of metrics."""
    collection.add_output("metrics", page.decode())


def webhook(collection: Collection, arguments: Arguments) -> None:
    """What is sent to the webhook."""
    collection.add_output("webhook", json.dumps(arguments["document"]))


def mail(collection: Collection, arguments: Arguments) -> None:
    """A mail that is sent: its headers, and its parts without their transfer encoding."""
    message = arguments["message"]
    parts = [str(part.get_content()) for part in message.walk() if not part.is_multipart()]
    collection.add_output("mail", "\n".join([f"{name}: {value}" for name, value in message.items()] + parts))


def terminal(collection: Collection, arguments: Arguments) -> None:
    """What a command writes, under its name."""
    import click

    context = click.get_current_context(silent=True)
    command = context.command_path.split()[-2:] if context else []
    collection.add_output("-".join(["terminal", *command]), str(arguments.get("message", "")))


def log_record(collection: Collection, arguments: Arguments) -> None:
    """A record of any logger, whatever its handlers do with it."""
    record: logging.LogRecord = arguments["record"]
    text = f"{record.name}: {record.getMessage()}"
    if record.exc_info and record.exc_info[0]:
        text += "\n" + logging.Formatter().formatException(record.exc_info)
    collection.add_output("log", text)


PLACES = (
    Place("daypass.accounts.credentials", "check_password", argument("password", PASSWORD)),
    Place("daypass.accounts.password_hasher", "PasswordHasher.hash_new", argument("password", PASSWORD)),
    Place("daypass.accounts.password_hasher", "PasswordHasher.rate", argument("password", PASSWORD)),
    Place("daypass.accounts.password_hasher", "PasswordHasher.hash", argument("password", PASSWORD)),
    Place("daypass.accounts.password_hasher", "PasswordHasher.verify", argument("password", PASSWORD)),
    Place("daypass.tokens.codec", "encode", result(token)),
    Place("daypass.tokens.link_codes", "new_code", result(link_code)),
    Place("daypass.settings.definitions", "Settings.__init__", result(settings)),
    Place("daypass.keys.signing_key", "SigningKey.__init__", result(signing_key)),
    Place("daypass.audit.chain", "open_key", result(audit_key)),
    Place("daypass.audit.export", "json_lines", lines("export")),
    Place("daypass.audit.export", "csv_lines", lines("export")),
    Place("daypass.database.engine", "prepare", result(statements)),
    Place("daypass.metrics.counters", "Metrics.text", result(metrics_page)),
    Place("daypass.mail.webhook", "post", before(webhook)),
    Place("daypass.mail.smtp", "send", before(mail)),
    Place("click.utils", "echo", before(terminal)),
    Place("logging", "Logger.callHandlers", before(log_record)),
)
