"""Mails as text and HTML, from templates in `templates/daypass/mail`.

Each kind has one text template: a line with the subject, then paragraphs. A paragraph `[Label] URL` is a link: a button
in HTML. The HTML part is the same text in the layout `layout.html`, which escapes it.
"""

import re
from dataclasses import dataclass
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from daypass.database.models import Mail
from daypass.settings import resources

TEMPLATES = resources.TEMPLATES / "daypass" / "mail"
LINK = re.compile(r"\[([^\]]+)\] (https?://\S+)")

_environment = Environment(
    loader=FileSystemLoader(TEMPLATES),
    autoescape=select_autoescape(["html"]),
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


@dataclass(frozen=True)
class Paragraph:
    """A paragraph: text, or a link with its label."""

    text: str
    url: str | None = None


@dataclass(frozen=True)
class Content:
    """Subject and paragraphs of a mail."""

    subject: str
    paragraphs: tuple[Paragraph, ...]


def content(kind: str, facts: dict[str, str | None]) -> Content:
    """Render the text of a mail. Line breaks in facts become spaces, so that they cannot add a paragraph."""
    flat = {name: None if value is None else " ".join(value.split()) for name, value in facts.items()}
    rendered = _environment.get_template(f"{kind}.txt").render(flat)
    subject, *paragraphs = (" ".join(part.split()) for part in re.split(r"\n\s*\n", rendered.strip()))
    return Content(subject, tuple(map(_paragraph, paragraphs)))


def _paragraph(text: str) -> Paragraph:
    found = LINK.fullmatch(text)
    return Paragraph(found[1], found[2]) if found else Paragraph(text)


def message(mail: Mail, *, content: Content, sender: Address, site: str, title: str) -> EmailMessage:
    """The mail with both parts. Its Message-ID is the same in every attempt, so that a mail sent twice shows once."""
    composed = EmailMessage(policy=SMTP)
    composed["From"] = sender
    composed["To"] = Address(addr_spec=mail.recipient)
    composed["Subject"] = content.subject
    composed["Date"] = format_datetime(mail.created_at)
    composed["Message-ID"] = f"<{mail.id}@{sender.domain}>"
    composed["Auto-Submitted"] = "auto-generated"  # RFC 3834: no out-of-office replies
    composed.set_content(_as_text(content, site))
    html = _environment.get_template("layout.html").render(content=content, site=site, title=title)
    composed.add_alternative(html, subtype="html")
    return composed


def _as_text(content: Content, site: str) -> str:
    parts = [f"{part.text}:\n{part.url}" if part.url else part.text for part in content.paragraphs]
    return "\n\n".join([*parts, f"-- \n{site}"]) + "\n"
