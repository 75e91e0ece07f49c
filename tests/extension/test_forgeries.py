"""`daypass.testing.forgeries`: it finds the holes of naive verifiers, and none in a careful one."""

import hmac
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from daypass.keys.algorithms import Algorithm
from daypass.keys.signing_key import generate
from daypass.testing import Forgery, forgeries
from tests.helpers.code_blocks import code_blocks
from tests.helpers.pytest_runs import run_pytest

SECRET = "0f6b7c1d9a42e8835d0c4f7be1296a38"
Verifier = Callable[[str], dict[str, Any]]


def claims() -> dict[str, object]:
    now = int(datetime.now(UTC).timestamp())
    return {"iss": "https://login.example.org", "aud": "shop", "sub": "alice", "iat": now - 60, "exp": now + 300}


@pytest.fixture
def token() -> str:
    return jwt.encode(claims(), SECRET, "HS256")


def accepted(verify: Verifier, found: list[Forgery]) -> set[str]:
    """The names of the attacks that this verifier does not notice."""
    return {forgery.name for forgery in found if _accepts(verify, forgery.token)}


def _accepts(verify: Verifier, token: str) -> bool:
    try:
        verify(token)
    except (jwt.InvalidTokenError, ValueError):
        return False
    return True


def careful(token: str) -> dict[str, Any]:
    return jwt.decode(token, SECRET, ["HS256"], audience="shop", issuer="https://login.example.org")


def without_signature(token: str) -> dict[str, Any]:
    return jwt.decode(token, options={"verify_signature": False})


def without_time(token: str) -> dict[str, Any]:
    return jwt.decode(token, SECRET, ["HS256"], options={"verify_exp": False, "verify_aud": False})


def test_the_token_itself_is_valid_and_no_forgery(token: str) -> None:
    assert careful(token)["sub"] == "alice"
    assert token not in {forgery.token for forgery in forgeries(token, SECRET)}


def test_a_verifier_that_checks_no_signature_is_found(token: str) -> None:
    assert {"none", "edited-payload", "blank-secret"} <= accepted(without_signature, forgeries(token, SECRET))


def test_a_verifier_that_checks_no_time_and_no_audience_is_found(token: str) -> None:
    assert accepted(without_time, forgeries(token, SECRET)) >= {"expired", "another-purpose", "refresh-token"}


def test_a_careful_verifier_accepts_no_forged_claim(token: str) -> None:
    assert accepted(careful, [each for each in forgeries(token, SECRET) if not each.genuine]) == set()


def test_a_weak_secret_is_guessed() -> None:
    token = jwt.encode(claims(), "a-string-secret-at-least-256-bits-long", "HS256")
    assert "weak-secret" in {each.name for each in forgeries(token, "a-string-secret-at-least-256-bits-long")}


@pytest.mark.parametrize("algorithm", [Algorithm.RS256, Algorithm.ES256, Algorithm.EDDSA])
def test_a_public_key_that_is_taken_for_a_secret_is_found(algorithm: Algorithm) -> None:
    key = generate(algorithm)
    assert not isinstance(key.private, bytes)
    assert not isinstance(key.public, bytes)
    pem = key.private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    public = key.public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    token = jwt.encode(claims(), pem, algorithm.value)

    def confused(token: str) -> dict[str, Any]:
        header, payload, signature = token.split(".")
        if jwt.get_unverified_header(token)["alg"] != "HS256":
            raise ValueError
        expected = hmac.digest(public, f"{header}.{payload}".encode(), "sha256")
        if jwt.utils.base64url_decode(signature) != expected:
            raise ValueError
        return {}

    assert accepted(confused, forgeries(token, pem)) == {f"public-key-{'rs256' if algorithm == 'RS256' else 'es256'}"}


@pytest.mark.parametrize("algorithm", ["HS512", "RS512"])
def test_other_algorithms_are_refused(algorithm: str) -> None:
    header = jwt.utils.base64url_encode(f'{{"alg":"{algorithm}"}}'.encode()).decode()
    with pytest.raises(ValueError, match="must be signed with one of HS256, RS256, ES256, EdDSA"):
        forgeries(f"{header}.e30.AA", SECRET)


def test_a_key_of_another_kind_is_refused(token: str) -> None:
    key = generate(Algorithm.ES256).private
    with pytest.raises(ValueError, match="does not fit"):
        forgeries(token, key)


def test_the_documented_example_finds_the_hole(unsearched_folder: Path) -> None:
    (example,) = [code for code in code_blocks("docs/extension.md", "python") if "naive" in code]
    (unsearched_folder / "test_naive.py").write_text(example)
    code, printed = run_pytest(unsearched_folder)
    assert code == 1
    assert "[none: The gate reads the algorithm" in printed
    assert "[edited-payload:" in printed
