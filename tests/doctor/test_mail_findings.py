"""Findings about outgoing mail, with a real mail server, which receives nothing."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from daypass.doctor.mail import check_mail
from daypass.settings.definitions import Settings
from daypass.settings.outgoing import mail_from, mail_url
from tests.doctor.findings import only_finding, settings
from tests.helpers.certificates import Certificate, self_signed
from tests.helpers.mail import SENDER
from tests.helpers.mail_server import Mailbox, running_mail_server, trust
from tests.helpers.server import free_port

pytestmark = pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")  # the server is on loopback

PASSWORD = "a password of the mail server"
SIGNED_IN = "smtp://daypass:a%20password%20of%20the%20mail%20server@127.0.0.1:{}"


def with_mail(url: str) -> Settings:
    return settings(mail_url=mail_url(url), mail_from=mail_from(SENDER))


@contextmanager
def server_that_gets_nothing(
    mailbox: Mailbox, *, tls: Certificate | None = None, starttls: Certificate | None = None
) -> Iterator[int]:
    with running_mail_server(mailbox, tls=tls, starttls=starttls, password=PASSWORD) as port:
        yield port
    assert mailbox.messages == []


@pytest.fixture
def certificate(tmp_path: Path) -> Certificate:
    return self_signed(tmp_path)


def test_a_mail_server_that_works_is_not_mentioned() -> None:
    with server_that_gets_nothing(Mailbox()) as port:
        assert list(check_mail(with_mail(SIGNED_IN.format(port)))) == []


def test_a_certificate_that_is_trusted_is_not_mentioned(
    certificate: Certificate, monkeypatch: pytest.MonkeyPatch
) -> None:
    trust(monkeypatch, certificate.path)
    with server_that_gets_nothing(Mailbox(), tls=certificate) as port:
        assert list(check_mail(with_mail(SIGNED_IN.format(port).replace("smtp:", "smtps:")))) == []
    with server_that_gets_nothing(Mailbox(), starttls=certificate) as port:
        assert list(check_mail(with_mail(SIGNED_IN.format(port) + "?starttls=require"))) == []


def test_a_wrong_password_is_a_problem_and_is_not_printed() -> None:
    with server_that_gets_nothing(Mailbox()) as port:
        found = only_finding(check_mail(with_mail(f"smtp://daypass:wrong-password@127.0.0.1:{port}")))
    assert found.is_problem
    assert found.message.endswith("the mail server refused the user name and password (535).")
    assert "wrong-password" not in found.message + found.remedy


def test_a_server_without_tls_is_a_problem_if_it_is_required() -> None:
    with server_that_gets_nothing(Mailbox()) as port:
        found = only_finding(check_mail(with_mail(SIGNED_IN.format(port) + "?starttls=require")))
    assert found.is_problem
    assert "STARTTLS extension not supported" in found.message


@pytest.mark.parametrize("option", ["tls", "starttls"])
def test_a_certificate_that_is_not_trusted_is_a_problem(certificate: Certificate, option: str) -> None:
    with server_that_gets_nothing(Mailbox(), **{option: certificate}) as port:
        scheme, query = ("smtps:", "") if option == "tls" else ("smtp:", "?starttls=require")
        found = only_finding(check_mail(with_mail(SIGNED_IN.format(port).replace("smtp:", scheme) + query)))
    assert found.is_problem
    assert "certificate verify failed" in found.message


def test_a_server_that_is_down_is_a_problem() -> None:
    port = free_port()
    found = only_finding(check_mail(with_mail(f"smtp://127.0.0.1:{port}")))
    assert found.is_problem
    assert found.message.startswith(f"The mail server 127.0.0.1:{port} cannot be used: ConnectionRefusedError")


def test_a_sender_that_the_server_refuses_is_a_problem() -> None:
    mailbox = Mailbox(answer_sender=lambda address: f"553 not your address: {address}")
    with server_that_gets_nothing(mailbox) as port:
        found = only_finding(check_mail(with_mail(SIGNED_IN.format(port))))
    assert found.is_problem
    assert "553 not your address: login@example.org" in found.message


def test_mails_that_cross_the_network_unencrypted_are_a_problem() -> None:
    finding = next(check_mail(with_mail("smtp://192.0.2.1?starttls=never")))
    assert finding.is_problem
    assert "unencrypted" in finding.message


def test_a_public_site_without_mail_is_worth_knowing() -> None:
    found = only_finding(check_mail(settings()))
    assert not found.is_problem
    assert "DAYPASS_MAIL_URL is not set" in found.message
    assert list(check_mail(settings("http://127.0.0.1:8000"))) == []
