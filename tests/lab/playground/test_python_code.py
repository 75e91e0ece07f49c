"""Copy as Python: the programs do what the lab does."""

import ast
import io
import json
import subprocess
import sys
import time
import warnings
from contextlib import redirect_stdout
from functools import partial
from typing import Any

import jwt
import pytest
from hypothesis import given
from hypothesis import strategies as st
from jwt.warnings import InsecureKeyLengthWarning

from daypass.keys.algorithms import Algorithm
from daypass.lab.playground import json_fields, key_text, python_code, tampering
from tests.lab.playground.shortcuts import NOW, SECRET, each_algorithm, encode_token, key_for, lab_error, verify_token

RANDOMIZED = {Algorithm.PS256, Algorithm.ES256, Algorithm.ES384}  # each signature differs


def run(program: str) -> str:
    """Run a program in this process, which is fast; returns what it prints."""
    printed = io.StringIO()
    with redirect_stdout(printed), warnings.catch_warnings(category=InsecureKeyLengthWarning, action="ignore"):
        exec(compile(program, "copied", "exec"), {})  # noqa: S102 - this is what the test is about
    return printed.getvalue().removesuffix("\n")


def run_in_a_process(program: str) -> str:
    """Run a program in its own process, as people do; returns what it prints."""
    return subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True).stdout.strip()


def program(**form: Any) -> str:
    """The copied program that signs; fields that are not named have defaults."""
    defaults: dict[str, Any] = {
        "header": json_fields.EXAMPLE_HEADER,
        "claims": json_fields.EXAMPLE_CLAIMS,
        "algorithm": Algorithm.HS256,
        "key": SECRET,
        "expires_in": None,
    }
    return python_code.encoding_program(**defaults | form)


@each_algorithm
def test_the_copied_program_signs_what_the_lab_signs(algorithm: Algorithm) -> None:
    key = key_for(algorithm)
    header = '{"kid": "7", "typ": "at+jwt"}'
    printed = run(program(algorithm=algorithm, key=key.private, header=header))
    made = encode_token(algorithm=algorithm, key=key.private, header=header)
    assert printed.split(".")[:2] == made.split(".")[:2]
    assert (printed == made) is (algorithm not in RANDOMIZED)
    assert verify_token(printed, algorithm, key.public).valid


@each_algorithm
def test_the_copied_program_verifies_as_the_lab_does(algorithm: Algorithm) -> None:
    key = key_for(algorithm)
    token = encode_token('{"a": [true, null, "ü"]}', algorithm, key=key.private)
    for typed in (key.public, key.private):
        program = python_code.decoding_program(token, key=typed, algorithm=algorithm)
        assert ast.literal_eval(run(program)) == {"a": [True, None, "ü"]}
    tampered = tampering.change_character(token, len(token) - 1)
    program = python_code.decoding_program(tampered, key=key.public, algorithm=algorithm)
    assert run(program) == verify_token(tampered, algorithm, key.public).message


def test_the_copied_programs_run_by_themselves() -> None:
    before = int(time.time())
    token = run_in_a_process(program(expires_in=60))
    decoding = python_code.decoding_program(token, key=SECRET, algorithm=Algorithm.HS256)
    claims = ast.literal_eval(run_in_a_process(decoding))
    assert before + 60 <= claims.pop("exp") <= time.time() + 60
    assert claims == json.loads(json_fields.EXAMPLE_CLAIMS)
    decoding = python_code.decoding_program(token, key="another", algorithm=Algorithm.HS256)
    assert run_in_a_process(decoding) == "Token is invalid --> Signature verification failed"


def test_the_copied_programs_are_short() -> None:
    assert len(program(expires_in=60).split("\n")) <= 9
    assert len(python_code.decoding_program(encode_token(), key=SECRET, algorithm=Algorithm.HS256).split("\n")) <= 9


def test_an_expiry_counts_from_when_the_program_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "time", NOW.timestamp)
    assert run(program(claims='{"exp": 1, "a": 2}', expires_in=60)) == encode_token('{"exp": 1, "a": 2}', expires_in=60)


@pytest.mark.parametrize("header", ["{}", '{"typ": "JWT"}', '{"typ": null}', '{"alg": "none", "n": 1e5, "typ": "x"}'])
def test_the_header_is_the_same(header: str) -> None:
    assert run(program(header=header)) == encode_token(header=header)


def test_an_audience_is_not_checked_as_in_the_lab() -> None:
    token = encode_token('{"aud": "bob"}')
    assert verify_token(token).valid
    assert ast.literal_eval(run(python_code.decoding_program(token, key=SECRET, algorithm=Algorithm.HS256))) == {
        "aud": "bob"
    }
    with pytest.raises(jwt.InvalidAudienceError):
        jwt.decode(token, SECRET, ["HS256"])


@pytest.mark.parametrize("algorithm", [Algorithm.RS256, Algorithm.ES256, Algorithm.EDDSA])
def test_a_program_that_verifies_does_not_contain_the_private_key(algorithm: Algorithm) -> None:
    program = python_code.decoding_program(encode_token(), key=key_for(algorithm).private, algorithm=algorithm)
    assert "PRIVATE" not in program
    assert "PUBLIC" in program


def test_a_secret_of_raw_bytes_is_bytes_in_the_program() -> None:
    jwk = '{"kty": "oct", "k": "_____w8P"}'
    assert "key = b'\\xff\\xff\\xff\\xff\\x0f\\x0f'" in program(key=jwk)
    assert run(program(key=jwk)) == encode_token(key=jwk)


quoting = st.text(st.characters(codec="utf-8"), max_size=30) | st.text("'\"\\\n\r{}ab", max_size=30)


@given(key=quoting.filter(bool), name=quoting, value=quoting)
def test_whatever_is_typed_is_quoted(key: str, name: str, value: str) -> None:
    claims = json.dumps({name: value, "iss": "x"})
    header = json.dumps({"x": value, name: 1, "typ": "JWT"} | {"alg": "", "kid": "", "crit": None})
    if name in ("b64", "kid", "typ", "iss"):
        return
    form: dict[str, Any] = {"header": header, "claims": claims, "key": key}
    token = encode_token(**form)
    assert run(program(**form)) == token
    printed = run(python_code.decoding_program(token, key=key, algorithm=Algorithm.HS256))
    assert printed == "Token is invalid --> Invalid 'crit' header: must be a non-empty list"


@given(st.text(st.characters()) | st.from_regex(r"[A-Za-z0-9_-]*(\.[A-Za-z0-9_-]*){2}"))
def test_any_text_makes_a_program_that_is_python(text: str) -> None:
    program = python_code.decoding_program(text, key=SECRET, algorithm=Algorithm.HS256)
    assert f"token = {text!r}\n" in program
    assert compile(program.encode(), "copied", "exec")


def test_what_the_lab_would_not_sign_is_not_copied() -> None:
    assert lab_error(partial(program, claims="[]")).field == "claims"
    assert lab_error(partial(program, header='{"b64": true}')).field == "header"
    assert lab_error(partial(program, key="")).field == "key"
    assert lab_error(partial(program, expires_in=10**30)).field == "expiry"
    assert (
        lab_error(partial(python_code.decoding_program, "", key="x" * 8193, algorithm=Algorithm.HS256)).field == "key"
    )


def test_no_program_holds_a_key_that_was_not_typed() -> None:
    made = key_text.generate(Algorithm.HS256)
    assert program(key=made.private).count(made.private) == 1
