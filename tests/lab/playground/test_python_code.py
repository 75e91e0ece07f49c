"""Copy as Python: the programs are run for real, and come to what the lab came to."""

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
from hypothesis import given, settings
from hypothesis import strategies as st
from jwt.warnings import InsecureKeyLengthWarning

from daypass.keys.algorithms import Algorithm
from daypass.lab.playground import encoding, key_text, python_code, tampering
from tests.lab.playground.shortcuts import NOW, SECRET, each_algorithm, judge, key_of, refusal, write

RANDOM = {Algorithm.PS256, Algorithm.ES256, Algorithm.ES384}  # no two signatures of theirs are alike


def run(program: str) -> str:
    """Run a program here, which is quick; returns what it printed."""
    printed = io.StringIO()
    with redirect_stdout(printed), warnings.catch_warnings(category=InsecureKeyLengthWarning, action="ignore"):
        exec(compile(program, "copied", "exec"), {})  # noqa: S102 - the very thing to be tested
    return printed.getvalue().removesuffix("\n")


def run_apart(program: str) -> str:
    """Run a program in a process of its own, as whoever copied it does."""
    return subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True).stdout.strip()


def program(**form: Any) -> str:
    usual: dict[str, Any] = {
        "header": encoding.EXAMPLE_HEADER,
        "claims": encoding.EXAMPLE_CLAIMS,
        "algorithm": Algorithm.HS256,
        "key": SECRET,
        "expires_in": None,
    }
    return python_code.encoding_program(**usual | form)


@each_algorithm
def test_the_copied_program_signs_what_the_lab_signs(algorithm: Algorithm) -> None:
    key = key_of(algorithm)
    header = '{"kid": "7", "typ": "at+jwt"}'
    printed = run(program(algorithm=algorithm, key=key.private, header=header))
    made = write(algorithm=algorithm, key=key.private, header=header)
    assert printed.split(".")[:2] == made.split(".")[:2]
    assert (printed == made) is (algorithm not in RANDOM)
    assert judge(printed, algorithm, key.public).valid


@each_algorithm
def test_the_copied_program_judges_as_the_lab_judges(algorithm: Algorithm) -> None:
    key = key_of(algorithm)
    token = write('{"a": [true, null, "ü"]}', algorithm, key=key.private)
    for typed in (key.public, key.private):
        program = python_code.decoding_program(token, key=typed, algorithm=algorithm)
        assert ast.literal_eval(run(program)) == {"a": [True, None, "ü"]}
    spoilt = tampering.change_character(token, len(token) - 1)
    program = python_code.decoding_program(spoilt, key=key.public, algorithm=algorithm)
    assert run(program) == judge(spoilt, algorithm, key.public).message


def test_the_copied_programs_run_by_themselves() -> None:
    before = int(time.time())
    token = run_apart(program(expires_in=60))
    decoding = python_code.decoding_program(token, key=SECRET, algorithm=Algorithm.HS256)
    claims = ast.literal_eval(run_apart(decoding))
    assert before + 60 <= claims.pop("exp") <= time.time() + 60
    assert claims == json.loads(encoding.EXAMPLE_CLAIMS)
    decoding = python_code.decoding_program(token, key="another", algorithm=Algorithm.HS256)
    assert run_apart(decoding) == "Token is invalid --> Signature verification failed"


def test_they_are_few_lines() -> None:
    assert len(program(expires_in=60).split("\n")) <= 9
    assert len(python_code.decoding_program(write(), key=SECRET, algorithm=Algorithm.HS256).split("\n")) <= 9


def test_an_expiry_counts_from_when_the_program_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "time", NOW.timestamp)
    assert run(program(claims='{"exp": 1, "a": 2}', expires_in=60)) == write('{"exp": 1, "a": 2}', expires_in=60)


@pytest.mark.parametrize("header", ["{}", '{"typ": "JWT"}', '{"typ": null}', '{"alg": "none", "n": 1e5, "typ": "x"}'])
def test_the_header_is_the_same(header: str) -> None:
    assert run(program(header=header)) == write(header=header)


def test_an_audience_is_not_asked_for_as_the_lab_does_not() -> None:
    token = write('{"aud": "bob"}')
    assert judge(token).valid
    assert ast.literal_eval(run(python_code.decoding_program(token, key=SECRET, algorithm=Algorithm.HS256))) == {
        "aud": "bob"
    }
    with pytest.raises(jwt.InvalidAudienceError):
        jwt.decode(token, SECRET, ["HS256"])


@pytest.mark.parametrize("algorithm", [Algorithm.RS256, Algorithm.ES256, Algorithm.EDDSA])
def test_a_private_key_does_not_stand_in_a_program_that_verifies(algorithm: Algorithm) -> None:
    program = python_code.decoding_program(write(), key=key_of(algorithm).private, algorithm=algorithm)
    assert "PRIVATE" not in program
    assert "PUBLIC" in program


def test_a_secret_of_raw_bytes_is_bytes_in_the_program() -> None:
    jwk = '{"kty": "oct", "k": "_____w8P"}'
    assert "key = b'\\xff\\xff\\xff\\xff\\x0f\\x0f'" in program(key=jwk)
    assert run(program(key=jwk)) == write(key=jwk)


quoting = st.text(st.characters(codec="utf-8"), max_size=30) | st.text("'\"\\\n\r{}ab", max_size=30)


@settings(deadline=None)
@given(key=quoting.filter(bool), name=quoting, value=quoting)
def test_whatever_is_typed_is_quoted(key: str, name: str, value: str) -> None:
    claims = json.dumps({name: value, "iss": "x"})
    header = json.dumps({"x": value, name: 1, "typ": "JWT"} | {"alg": "", "kid": "", "crit": None})
    if name in ("b64", "kid", "typ", "iss"):
        return
    form: dict[str, Any] = {"header": header, "claims": claims, "key": key}
    token = write(**form)
    assert run(program(**form)) == token
    printed = run(python_code.decoding_program(token, key=key, algorithm=Algorithm.HS256))
    assert printed == "Token is invalid --> Invalid 'crit' header: must be a non-empty list"


@settings(deadline=None)
@given(st.text(st.characters()) | st.from_regex(r"[A-Za-z0-9_-]*(\.[A-Za-z0-9_-]*){2}"))
def test_any_text_makes_a_program_that_is_python(text: str) -> None:
    program = python_code.decoding_program(text, key=SECRET, algorithm=Algorithm.HS256)
    assert f"token = {text!r}\n" in program
    assert compile(program.encode(), "copied", "exec")


def test_what_the_lab_would_not_sign_is_not_copied() -> None:
    assert refusal(partial(program, claims="[]")).field == "claims"
    assert refusal(partial(program, header='{"b64": true}')).field == "header"
    assert refusal(partial(program, key="")).field == "key"
    assert refusal(partial(program, expires_in=10**30)).field == "expiry"
    assert refusal(partial(python_code.decoding_program, "", key="x" * 8193, algorithm=Algorithm.HS256)).field == "key"


def test_no_program_holds_a_key_that_was_not_typed() -> None:
    made = key_text.generate(Algorithm.HS256)
    assert program(key=made.private).count(made.private) == 1
