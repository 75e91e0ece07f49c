"""Errors of delivery. Their texts are stored and shown to administrators."""

import re

TOKEN_LIKE = re.compile(r"[^\s<>\"']{40,}")
MAX_REASON = 200  # characters


class DeliveryFailed(Exception):
    """A message was not delivered. `permanent`: another attempt would fail too."""

    def __init__(self, reason: str, *, permanent: bool = False) -> None:
        self.reason = without_secrets(reason)
        self.permanent = permanent
        super().__init__(self.reason)


def without_secrets(text: str) -> str:
    """The text in one printable line, without long words: a server that refuses a mail may quote the link in it."""
    line = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return TOKEN_LIKE.sub("…", line)[:MAX_REASON]
