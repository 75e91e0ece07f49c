"""Mail over TLS: the certificate is verified, and nothing is sent in the clear."""

from email.message import EmailMessage
from pathlib import Path

import pytest

from daypass.mail import smtp
from daypass.mail.errors import DeliveryFailed
from daypass.settings.outgoing import mail_url
from tests.helpers.certificates import Certificate, self_signed
from tests.helpers.mail_server import Mailbox, running_mail_server, trust


def example() -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "login@example.org", "alice@example.org", "Hello"
    message.set_content("Hello")
    return message


@pytest.fixture
def certificate(tmp_path: Path) -> Certificate:
    return self_signed(tmp_path)


@pytest.mark.parametrize("url", ["smtps://127.0.0.1:{}", "smtp://127.0.0.1:{}?starttls=require"])
def test_a_mail_is_sent_to_a_server_with_a_trusted_certificate(
    certificate: Certificate, monkeypatch: pytest.MonkeyPatch, url: str
) -> None:
    trust(monkeypatch, certificate.path)
    mailbox = Mailbox()
    implicit = url.startswith("smtps")
    with running_mail_server(
        mailbox, tls=certificate if implicit else None, starttls=None if implicit else certificate
    ) as port:
        smtp.send(mail_url(url.format(port)), example())
    assert mailbox.subjects() == ["Hello"]
    assert implicit or mailbox.encrypted == [True]


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"], ids=["unknown authority", "another name"])
@pytest.mark.parametrize("scheme", ["smtps://{}:{}", "smtp://{}:{}?starttls=require"])
def test_nothing_is_sent_to_a_server_whose_certificate_is_wrong(
    certificate: Certificate, monkeypatch: pytest.MonkeyPatch, scheme: str, host: str
) -> None:
    if host == "localhost":  # trusted, but for 127.0.0.1
        trust(monkeypatch, certificate.path)
    mailbox = Mailbox()
    implicit = scheme.startswith("smtps")
    options: dict[str, Certificate] = {"tls" if implicit else "starttls": certificate}
    with (
        running_mail_server(mailbox, **options) as port,  # type: ignore[arg-type]
        pytest.raises(DeliveryFailed, match=r"CERTIFICATE_VERIFY_FAILED|certificate verify failed"),
    ):
        smtp.send(mail_url(scheme.format(host, port)), example())
    assert mailbox.messages == []


def test_nothing_is_sent_in_the_clear_if_the_server_has_no_tls() -> None:
    mailbox = Mailbox()
    with running_mail_server(mailbox) as port, pytest.raises(DeliveryFailed) as error:
        smtp.send(mail_url(f"smtp://127.0.0.1:{port}?starttls=require"), example())
    assert mailbox.messages == []
    assert not error.value.permanent


@pytest.mark.parametrize(
    ("url", "security", "port"),
    [
        ("smtp://mail.example.org", "starttls", 587),
        ("smtp://mail.example.org:25?starttls=never", "none", 25),
        ("smtp://127.0.0.1", "none", 587),
        ("smtp://localhost?starttls=require", "starttls", 587),
        ("smtps://user:p%40ss@mail.example.org", "tls", 465),
    ],
)
def test_starttls_is_the_default_except_on_loopback(url: str, security: str, port: int) -> None:
    server = mail_url(url)
    assert (server.security, server.port) == (security, port)
    assert server.password in ("", "p@ss")
    assert "p@ss" not in repr(server)
