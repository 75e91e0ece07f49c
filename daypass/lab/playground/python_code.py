"""Python programs that do the same as the lab, with PyJWT."""

from typing import Any

from daypass.keys.algorithms import Algorithm
from daypass.lab.playground import encoding, key_text
from daypass.lab.playground.parsing import MAX_TEXT_LENGTH, read

ENCODING = """\
{imports}

key = {key}
claims = {claims}
token = jwt.encode(claims, key, algorithm={algorithm!r}{headers})
print(token)
"""
DECODING = """\
import jwt

token = {token!r}
key = {key}
try:
    print(jwt.decode(token, key, algorithms=[{algorithm!r}]{options}))
except jwt.PyJWTError as error:
    print(f"Token is invalid --> {{error}}")
"""


def encoding_program(*, header: str, claims: str, algorithm: Algorithm, key: str, expires_in: int | None) -> str:
    """A program that prints the token that `encoding.encode` returns. Raises LabError, like `encode`."""
    members, payload = encoding.read_header(header), encoding.read_claims(claims)
    key_text.load_private(key, algorithm)
    return ENCODING.format(
        imports="import jwt" if expires_in is None else "import time\n\nimport jwt",
        key=_literal(key, algorithm),
        claims=_claims(payload, expires_in),
        algorithm=algorithm.value,
        headers=_headers(members),
    )


def decoding_program(text: str, *, key: str, algorithm: Algorithm, leeway: int = 0) -> str:
    """A program that prints the claims, or `Token is invalid --> <why>` like `verification.verify`.

    A private key is replaced by its public half. A token longer than `parsing.MAX_TEXT_LENGTH` is truncated.
    Raises LabError if the key cannot be used.
    """
    public = key_text.public_text(key, algorithm)
    options = f", leeway={leeway}" if leeway else ""
    options += ', options={"verify_aud": False}' if read(text).claims.get("aud") else ""
    return DECODING.format(
        token=text[:MAX_TEXT_LENGTH], key=_literal(public, algorithm), algorithm=algorithm.value, options=options
    )


def _literal(key: str, algorithm: Algorithm) -> str:
    """The key as a Python literal, one string per line; as bytes if it was entered as a JWK."""
    value = key_text.as_pyjwt(key, algorithm)
    lines = [value] if isinstance(value, bytes) else value.splitlines(keepends=True)
    if len(lines) == 1:
        return repr(lines[0])
    return "\n".join(["(", *(f"    {line!r}" for line in lines), ")"])


def _claims(payload: dict[str, Any], expires_in: int | None) -> str:
    if expires_in is None:
        return repr(payload)
    sign = "-" if encoding.check_expiry(expires_in) < 0 else "+"
    return repr(payload | {"exp": _Code(f"int(time.time()) {sign} {abs(expires_in)}")})


def _headers(members: dict[str, Any]) -> str:
    """The `headers` argument, with everything that PyJWT would not write by default."""
    headers = {name: value for name, value in members.items() if (name, value) != ("typ", "JWT")}
    if "typ" not in members:
        headers["typ"] = None
    return f", headers={headers!r}" if headers else ""


class _Code(str):
    """Python code that `repr` leaves unquoted."""

    __slots__ = ()

    def __repr__(self) -> str:
        return str(self)
