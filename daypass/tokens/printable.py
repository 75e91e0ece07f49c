"""Make untrusted text safe to show or log."""


def printable(text: str) -> str:
    """Escape characters that cannot be displayed or encoded, such as controls and lone surrogates."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)
