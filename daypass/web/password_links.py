"""One-time links with which the owner of an account sets the password.

An administrator never chooses a password (ASVS 6.4.6).
"""

from daypass.accounts.mail_links import signed_link
from daypass.keys.ring import KeyRing
from daypass.tokens import purposes
from daypass.web.context import current_runtime
from daypass.web.rendering import render_page


def link_page(
    ring: KeyRing, account_id: str, name: str, link_id: str | None, *, is_new: bool = False, note: str | None = None
) -> str:
    """The page after the link was created, which shows it once; without an id it was mailed.

    ring: read before the transaction that created the link. is_new: whether the account was created too. note: a
    further sentence.
    """
    settings = current_runtime().settings
    link = None if link_id is None else signed_link(settings, ring, purposes.RESET, account_id, link_id)
    return render_page(
        "daypass/pages/reset_link.html", name=name, link=link, is_new=is_new, note=note, account_id=account_id
    )
