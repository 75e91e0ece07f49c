"""Mails have the title of the site."""

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.helpers.mail import deliver
from tests.helpers.mail_server import Mailbox
from tests.web.mail.test_notices import FIREFOX, sign_in_with


@pytest.fixture
def environ(environ: dict[str, str]) -> dict[str, str]:
    return environ | {"DAYPASS_TITLE": "Harbour <Archive>"}


def test_a_mail_begins_with_the_title_and_does_not_name_daypass(
    app: Flask, client: FlaskClient, alice: str, mailbox: Mailbox
) -> None:
    sign_in_with(client, FIREFOX)
    deliver(app)
    (mail,) = mailbox.messages
    parts = [part.get_content() for part in mail.walk() if not part.is_multipart()]
    assert ">Harbour &lt;Archive&gt;</p>" in parts[1]
    assert not [part for part in parts if "Daypass" in part]
