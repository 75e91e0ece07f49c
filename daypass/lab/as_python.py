"""Copy as Python: the lines of PyJWT that do what a form of the lab did."""

from daypass.lab.algorithms import Algorithm


def encoding(*, header: str, claims: str, algorithm: Algorithm, key: str, expires_in: int | None) -> str:
    """A program that prints the token that `writing.write` makes of the same. Raises LabError where that does."""
    raise NotImplementedError


def decoding(text: str, *, key: str, algorithm: Algorithm) -> str:
    """A program that prints the claims, or `Token is invalid --> <why>` as `verdict.judge` does.

    Of a private key only the public half stands in it. Raises LabError for a key that cannot be used.
    """
    raise NotImplementedError
