"""The examples of RFC 7515 and RFC 8037, appendix A, but for ES512 (A.4)."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

from daypass.keys.algorithms import Algorithm
from daypass.lab.playground import pem
from daypass.lab.playground.parsing import read
from daypass.lab.playground.tampering import change_character
from daypass.tokens.base64url import decode_base64url
from tests.lab.playground.shortcuts import NOW, verify_token

BEFORE_EXPIRY = datetime.fromtimestamp(1_300_819_380, UTC) - timedelta(seconds=1)
PAYLOAD = "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ"


def number(text: str) -> int:
    return int.from_bytes(decode_base64url(text))


A1_KEY = json.dumps(
    {"kty": "oct", "k": "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow"}
)
A1 = f"eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.{PAYLOAD}.dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"

A2_PRIMES = (
    "4BzEEOtIpmVdVEZNCqS7baC4crd0pqnRH_5IB3jw3bcxGn6QLvnEtfdUdiYrqBdss1l58BQ3KhooKeQTa9AB0Hw_Py5PJdTJNPY8cQn7ouZ2KKDcmnPG"
    "BY5t7yLc1QlQ5xHdwW1VhvKn-nXqhJTBgIPgtldC-KDV5z-y2XDwGUc",
    "uQPEfgmVtjL0Uyyx88GZFF1fOunH3-7cepKmtH4pxhtCoHqpWmT8YAmZxaewHgHAjLYsp1ZSe7zFYHj7C6ul7TjeLQeZD_YwD66t62wDmpe_HlB-TnBA"
    "-njbglfIsRLtXlnDzQkv5dTltRJ11BKBBypeeF6689rjcJIDEz9RWdc",
)
A2_KEY = pem.from_public(rsa.RSAPublicNumbers(65_537, number(A2_PRIMES[0]) * number(A2_PRIMES[1])).public_key())
A2 = (
    f"eyJhbGciOiJSUzI1NiJ9.{PAYLOAD}.cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt"
    "_O8W2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB"
    "_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVm"
    "tVrBp0igcN_IoypGlUPQGe77Rw"
)

A3_POINT = ("f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU", "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0")
A3_KEY = pem.from_public(
    ec.EllipticCurvePublicNumbers(number(A3_POINT[0]), number(A3_POINT[1]), ec.SECP256R1()).public_key()
)
A3_SIGNATURE = "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q"
A3 = f"eyJhbGciOiJFUzI1NiJ9.{PAYLOAD}.{A3_SIGNATURE}"

ED25519_KEY = pem.from_public(
    ed25519.Ed25519PublicKey.from_public_bytes(decode_base64url("11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"))
)
ED25519 = (
    "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc."
    "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg"
)

EXAMPLES = pytest.mark.parametrize(
    ("token", "algorithm", "key"),
    [
        pytest.param(A1, Algorithm.HS256, A1_KEY, id="A.1-HS256"),
        pytest.param(A2, Algorithm.RS256, A2_KEY, id="A.2-RS256"),
        pytest.param(A3, Algorithm.ES256, A3_KEY, id="A.3-ES256"),
    ],
)


@EXAMPLES
def test_an_example_of_rfc_7515_is_valid_until_it_expired_in_2011(token: str, algorithm: Algorithm, key: str) -> None:
    valid = verify_token(token, algorithm, key, BEFORE_EXPIRY)
    assert (valid.message, valid.notes) == ("Token is valid", ())
    assert valid.claims == {"iss": "joe", "exp": 1_300_819_380, "http://example.com/is_root": True}
    expired = verify_token(token, algorithm, key, NOW)
    assert (expired.message, expired.blame) == ("Token is invalid --> Signature has expired", "payload")


@EXAMPLES
def test_an_example_of_rfc_7515_is_invalid_once_a_character_differs(token: str, algorithm: Algorithm, key: str) -> None:
    changed = verify_token(change_character(token, len(token) - 1), algorithm, key, BEFORE_EXPIRY)
    assert (changed.message, changed.blame) == ("Token is invalid --> Signature verification failed", "signature")


def test_the_example_of_rfc_8037_has_a_valid_signature_and_no_claims() -> None:
    result = verify_token(ED25519, Algorithm.EDDSA, ED25519_KEY)
    assert result.message.startswith("Token is invalid --> Invalid payload string: Expecting value")
    assert result.blame == "payload"
    assert read(ED25519).parts[1].shown == "Example of Ed25519 signing"
    changed = verify_token(change_character(ED25519, len(ED25519) - 1), Algorithm.EDDSA, ED25519_KEY)
    assert (changed.message, changed.blame) == ("Token is invalid --> Signature verification failed", "signature")
