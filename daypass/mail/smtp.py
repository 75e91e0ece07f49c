"""Delivery of mails by SMTP, with TLS verified by the system's certificates (RFC 5321, RFC 8314)."""

import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage

from daypass.mail.errors import DeliveryFailed
from daypass.settings.outgoing import MailServer

TIMEOUT = 15.0  # seconds for each step
ACCEPTED = 250


def send(server: MailServer, message: EmailMessage) -> None:
    """Send one message. Raises DeliveryFailed.

    It has failed for good if the server refuses the recipient or the message with a code of 5xx. Everything else, such
    as a wrong password of the mail server, can be repaired, so that a later attempt succeeds.
    """
    with _session(server) as connection:
        connection.send_message(message)


def check(server: MailServer, sender: str) -> None:
    """Connect as for a mail, and ask whether the server accepts the sender; nothing is sent. Raises DeliveryFailed."""
    with _session(server) as connection:
        code, text = connection.mail(sender)
        if code != ACCEPTED:
            raise smtplib.SMTPSenderRefused(code, text, sender)
        connection.rset()


@contextmanager
def _session(server: MailServer) -> Iterator[smtplib.SMTP]:
    """A connection, encrypted and signed in as its URL says. Raises DeliveryFailed, for errors of the block too."""
    try:
        with _connect(server) as connection:
            if server.security == "starttls":
                connection.starttls(context=ssl.create_default_context())
            if server.username:
                connection.login(server.username, server.password)
            yield connection
    except smtplib.SMTPRecipientsRefused as error:
        ((code, text),) = error.recipients.values()
        raise _refused(code, text) from None
    except (smtplib.SMTPDataError, smtplib.SMTPSenderRefused) as error:
        raise _refused(error.smtp_code, error.smtp_error) from None
    except smtplib.SMTPAuthenticationError as error:
        raise DeliveryFailed(f"the mail server refused the user name and password ({error.smtp_code})") from None
    except smtplib.SMTPResponseException as error:
        raise DeliveryFailed(f"the mail server answered {error.smtp_code} {_text(error.smtp_error)}") from None
    except (OSError, smtplib.SMTPException) as error:
        raise DeliveryFailed(f"{type(error).__name__}: {error}") from None


def _connect(server: MailServer) -> smtplib.SMTP:
    if server.security == "tls":
        return smtplib.SMTP_SSL(server.host, server.port, timeout=TIMEOUT, context=ssl.create_default_context())
    return smtplib.SMTP(server.host, server.port, timeout=TIMEOUT)


def _refused(code: int, text: bytes | str) -> DeliveryFailed:
    return DeliveryFailed(f"the mail server answered {code} {_text(text)}", permanent=500 <= code < 600)


def _text(text: bytes | str) -> str:
    return text.decode(errors="replace") if isinstance(text, bytes) else text
