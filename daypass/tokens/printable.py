"""Text of strangers that is shown or logged."""


def printable(text: str) -> str:
    """Replace characters that cannot be displayed or sent (controls, lone surrogates) by their escapes."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)
