"""A real SMTP server for tests, with or without TLS (aiosmtpd)."""

import ssl
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword

from tests.helpers.certificates import Certificate
from tests.helpers.server import free_port

ACCEPTED = "250 OK"
PATIENCE = 30.0  # seconds


@dataclass
class Mailbox:
    """What the server received. `answer_sender`, `answer_recipient` and `answer_data` may refuse."""

    messages: list[EmailMessage] = field(default_factory=list)
    answer_sender: Callable[[str], str] = lambda address: ACCEPTED
    answer_recipient: Callable[[str], str] = lambda address: ACCEPTED
    answer_data: Callable[[bytes], str] = lambda content: ACCEPTED
    encrypted: list[bool] = field(default_factory=list)

    async def handle_MAIL(self, server: Any, session: Any, envelope: Any, address: str, options: list[str]) -> str:
        answer = self.answer_sender(address)
        if answer.startswith("2"):
            envelope.mail_from = address
        return answer

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: list[str]) -> str:
        answer = self.answer_recipient(address)
        if answer.startswith("2"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        answer = self.answer_data(envelope.content)
        if answer.startswith("2"):
            parsed = message_from_bytes(envelope.content, policy=policy.default)
            assert isinstance(parsed, EmailMessage)
            self.messages.append(parsed)
            self.encrypted.append(session.ssl is not None)
        return answer

    def subjects(self) -> list[str]:
        return [message["Subject"] for message in self.messages]

    def to(self, address: str) -> list[EmailMessage]:
        """The messages to this address."""
        return [message for message in self.messages if message["To"] == address]

    def wait_for(self, count: int) -> list[EmailMessage]:
        """Wait until so many messages have arrived."""
        deadline = time.monotonic() + PATIENCE
        while len(self.messages) < count:
            assert time.monotonic() < deadline, self.subjects()
            time.sleep(0.02)
        return self.messages


def text_of(message: EmailMessage) -> str:
    part = message.get_body(("plain",))
    assert part is not None
    return str(part.get_content())


def html_of(message: EmailMessage) -> str:
    part = message.get_body(("html",))
    assert part is not None
    return str(part.get_content())


def link_in(message: EmailMessage) -> str:
    """The only link of a mail, as path and query."""
    (link,) = [word for word in text_of(message).split() if "?token=" in word]
    return "/" + link.split("/", 3)[3]


def server_context(certificate: Certificate) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate.path, certificate.key_path)
    return context


@contextmanager
def running_mail_server(
    mailbox: Mailbox,
    *,
    port: int | None = None,
    tls: Certificate | None = None,
    starttls: Certificate | None = None,
    password: str | None = None,
) -> Iterator[int]:
    """A mail server on loopback; yields its port. tls: from the first byte. password: required, of any user."""
    options: dict[str, Any] = {}
    if password:
        options = {"auth_required": True, "auth_require_tls": False, "authenticator": _authenticator(password)}
    if starttls:
        options |= {"tls_context": server_context(starttls), "require_starttls": True}
    if tls:
        options |= {"ssl_context": server_context(tls)}
    controller = Controller(mailbox, hostname="127.0.0.1", port=port or free_port(), **options)
    controller.start()
    try:
        yield controller.port
    finally:
        controller.stop()


def _authenticator(password: str) -> Callable[..., AuthResult]:
    def check(server: Any, session: Any, envelope: Any, mechanism: str, sent: LoginPassword) -> AuthResult:
        return AuthResult(success=sent.password == password.encode(), handled=False)

    return check


def trust(monkeypatch: Any, path: Path) -> None:
    """Make OpenSSL's default context trust this certificate."""
    monkeypatch.setenv("SSL_CERT_FILE", str(path))
