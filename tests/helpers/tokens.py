"""Send a token, or tamper with one."""


def bearer_header(token: str) -> dict[str, str]:
    """The request header that carries a token (RFC 6750 section 2.1)."""
    return {"Authorization": f"Bearer {token}"}


def tampered(token: str) -> str:
    """The token with one character of its signature changed; it is still base64url, and its claims are valid."""
    index = token.rindex(".") + 21
    return token[:index] + ("A" if token[index] != "A" else "B") + token[index + 1 :]
