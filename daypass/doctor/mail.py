"""Check that mails can be delivered. It connects to the mail server, and sends nothing."""

from urllib.parse import urlsplit

from daypass.doctor.finding import Finding, Findings
from daypass.doctor.hosts import is_local
from daypass.mail import smtp
from daypass.mail.errors import DeliveryFailed
from daypass.settings.definitions import Settings
from daypass.settings.outgoing import MailServer, is_loopback


def check_mail(settings: Settings) -> Findings:
    """Check the mail server: connection, certificate, password and sender.

    That the sender is set, and that the webhook is encrypted, is checked whenever the settings are read.
    """
    if settings.mail_url is None or settings.mail_from is None:
        yield from _check_need(settings)
        return
    yield from _check_encryption(settings.mail_url)
    try:
        smtp.check(settings.mail_url, settings.mail_from.addr_spec)
    except DeliveryFailed as error:
        yield Finding(
            f"The mail server {settings.mail_url.host}:{settings.mail_url.port} cannot be used: "
            f"{error.reason.rstrip('.')}.",
            "Make sure that it runs, and that DAYPASS_MAIL_URL and DAYPASS_MAIL_FROM are correct. Until then, nobody "
            "gets a mail; waiting ones are tried for nearly a day.",
        )


def _check_need(settings: Settings) -> Findings:
    """Without mail, a site that others use works less well."""
    if not is_local(urlsplit(settings.base_url).hostname or ""):
        yield Finding(
            "DAYPASS_MAIL_URL is not set: forgotten passwords can be reset only by an administrator, and nobody gets a "
            "mail when something happens to their account.",
            "Set DAYPASS_MAIL_URL and DAYPASS_MAIL_FROM, if you have a mail server.",
            is_problem=False,
        )


def _check_encryption(server: MailServer) -> Findings:
    if server.security == "none" and not is_loopback(server.host):
        yield Finding(
            "DAYPASS_MAIL_URL has starttls=never: links that reset passwords cross the network unencrypted.",
            "Remove starttls=never. If the server has no TLS, use another one.",
        )
