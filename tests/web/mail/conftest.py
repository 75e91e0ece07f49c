"""An app with a mail server, and an account with an address."""

from collections.abc import Callable, Iterator

import pytest
from flask import Flask

from tests.helpers.mail import give_address, mail_settings
from tests.helpers.mail_server import Mailbox, running_mail_server
from tests.helpers.server import free_port

ADDRESS = "Alice@example.org"


@pytest.fixture
def port() -> int:
    return free_port()


@pytest.fixture
def environ(environ: dict[str, str], port: int) -> dict[str, str]:
    return environ | mail_settings(port)


@pytest.fixture
def mailbox(port: int) -> Iterator[Mailbox]:
    mailbox = Mailbox()
    with running_mail_server(mailbox, port=port):
        yield mailbox


@pytest.fixture
def alice(app: Flask, add_account: Callable[..., str]) -> str:
    """The id of an account with a confirmed address."""
    account_id = add_account("alice")
    give_address(app, account_id, ADDRESS)
    return account_id
