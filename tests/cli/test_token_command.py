"""`daypass token`: tokens from a terminal, with the caller's own keys."""

import base64
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jwt
import pytest
from click.testing import Result
from flask import Flask
from jwt.warnings import InsecureKeyLengthWarning

from daypass.keys.algorithms import Algorithm
from daypass.settings.definitions import Settings
from daypass.web.context import current_runtime
from tests.lab.playground.shortcuts import SECRET, each_algorithm, key_for

Run = Callable[..., Result]


@pytest.fixture
def run(make_app: Callable[[], Flask]) -> Run:
    """Run `daypass token ...` on an app whose database was never made."""
    app = make_app()

    def run(*words: str, typed: str | bytes = "") -> Result:
        return app.test_cli_runner().invoke(args=["token", *words], input=typed)

    return run


def token_of(result: Result) -> str:
    """The one line that a successful `encode` prints."""
    assert (result.exit_code, result.stderr) == (0, "")
    (line,) = result.stdout.splitlines()
    return line


def claims_of(result: Result) -> Any:
    """The claims that a successful `decode` prints."""
    assert (result.exit_code, result.stderr) == (0, "")
    return json.loads(result.stdout)


def lifetime(token: str) -> int:
    """How long a token is valid, in whole hours."""
    expires_at: int = jwt.decode(token, SECRET, ["HS256"])["exp"]
    return round((expires_at - time.time()) / 3600)


@each_algorithm
def test_what_is_encoded_is_decoded(run: Run, tmp_path: Path, algorithm: Algorithm) -> None:
    made = key_for(algorithm)
    private, public = tmp_path / "private", tmp_path / "public"
    private.write_text(made.private)
    public.write_text(f"{made.public.rstrip()}\n")
    claims = '{"sender": "alice", "message": "Grüße"}'
    token = token_of(run("encode", "--algorithm", algorithm.value, "--key-file", str(private), "--no-expiry", claims))
    assert jwt.get_unverified_header(token) == {"alg": algorithm.value, "typ": "JWT"}
    result = run("decode", "--algorithm", algorithm.value, "--key-file", str(public), token)
    assert result.stdout == '{"sender": "alice", "message": "Grüße"}\n'
    assert claims_of(run("decode", "--algorithm", algorithm.value, "--key", made.public, token)) == json.loads(claims)


def test_a_token_lives_for_a_day_unless_something_else_is_said(run: Run) -> None:
    encode = ("encode", "--key", SECRET)
    assert lifetime(token_of(run(*encode, "{}"))) == 24
    assert lifetime(token_of(run(*encode, "--expires-in", "7200", "{}"))) == 2
    assert lifetime(token_of(run(*encode, "--expires-in", "7200", '{"exp": 1}'))) == 2
    assert jwt.decode(token_of(run(*encode, "--no-expiry", "{}")), SECRET, ["HS256"]) == {}
    far = jwt.decode(token_of(run(*encode, '{"exp": 4000000000}')), SECRET, ["HS256"])
    assert far == {"exp": 4_000_000_000}


def test_a_header_may_say_more(run: Run) -> None:
    header = '{"typ": "at+jwt", "kid": "7", "alg": "none"}'
    token = token_of(run("encode", "--key", SECRET, "--header", header, "{}"))
    assert jwt.get_unverified_header(token) == {"alg": "HS256", "typ": "at+jwt", "kid": "7"}


def test_json_and_token_may_come_by_the_standard_input(run: Run) -> None:
    token = token_of(run("encode", "--key", SECRET, "--no-expiry", "-", typed='{"sender":\n "alice"}\n'))
    assert claims_of(run("decode", "--key", SECRET, "-", typed=f"{token}\n")) == {"sender": "alice"}


def test_a_key_file_may_hold_bytes_that_are_no_text(run: Run, tmp_path: Path) -> None:
    raw = bytes(range(128, 192))
    (tmp_path / "key").write_bytes(raw)
    token = token_of(run("encode", "--key-file", str(tmp_path / "key"), "{}"))
    assert set(jwt.decode(token, raw, ["HS256"])) == {"exp"}


def test_a_short_secret_signs_and_is_remarked_on(run: Run) -> None:
    result = run("encode", "--key", "x", "{}")
    assert result.exit_code == 0
    with pytest.warns(InsecureKeyLengthWarning):
        assert set(jwt.decode(result.stdout.strip(), "x", ["HS256"])) == {"exp"}
    assert result.stderr.startswith("Note: This secret can be guessed:")


def test_no_database_is_needed(run: Run, settings: Settings) -> None:
    token = token_of(run("encode", "--key", SECRET, "{}"))
    assert set(claims_of(run("decode", "--key", SECRET, token))) == {"exp"}
    assert not Path(settings.database_url.database or "").exists()


VALID_TOKEN = jwt.encode({"sender": "alice"}, SECRET, algorithm="HS256")
INVALID = [
    (VALID_TOKEN, ["--key", f"{SECRET}!"], "Signature verification failed"),
    (VALID_TOKEN, ["--key", SECRET, "--algorithm", "HS512"], "The specified alg value is not allowed"),
    (jwt.encode({"exp": 1}, SECRET), ["--key", SECRET], "Signature has expired"),
    (jwt.encode({"nbf": 4_000_000_000}, SECRET), ["--key", SECRET], "The token is not yet valid (nbf)"),
    ("", ["--key", SECRET], "Not enough segments"),
    ("a.b", ["--key", SECRET], "Not enough segments"),
    (f"{VALID_TOKEN[:-1]}!", ["--key", SECRET], "Invalid crypto padding"),
    ("x" * 16_385, ["--key", SECRET], "Longer than 16384 characters"),
]


@pytest.mark.parametrize(("token", "options", "reason"), INVALID, ids=[reason for _, _, reason in INVALID])
def test_an_invalid_token_is_told_why_and_exits_with_1(run: Run, token: str, options: list[str], reason: str) -> None:
    for result in (run("decode", *options, token), run("decode", *options, "-", typed=token)):
        assert (result.exit_code, result.stdout) == (1, f"Token is invalid --> {reason}\n")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("encode", "{}"), "A key is required: use --key or --key-file."),
        (("decode", VALID_TOKEN), "A key is required: use --key or --key-file."),
        (("encode", "{}", "--key", "a", "--key-file", "b"), "Use only one of --key and --key-file."),
        (("encode", "{}", "--key-file", "/nowhere/key"), "The key file cannot be read: No such file or directory."),
        (("encode", "{}", "--key-file", "/"), "The key file cannot be read: Is a directory."),
        (
            ("encode", "{}", "--key", "a", "--no-expiry", "--expires-in", "1"),
            "Use only one of --expires-in and --no-expiry.",
        ),
        (("encode", "-", "--key", "a"), "The standard input is not UTF-8 text."),
    ],
    ids=lambda value: value if isinstance(value, str) else " ".join(value)[:40],
)
def test_a_contradictory_command_is_a_usage_error(run: Run, words: tuple[str, ...], message: str) -> None:
    result = run(*words, typed=b"\xff")
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.splitlines()[-1] == f"Error: {message}"


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("encode", "[]"), "It must be a JSON object, with names and values in braces, but it is a list."),
        (("encode", '{"a": 1, "a": 2}'), "The name “a” occurs twice, and parsers differ on which one they use."),
        (("encode", "-"), "It is longer than 8192 characters."),
        (("encode", "{}", "--header", '{"kid": 7}'), "Key ID header parameter must be a string."),
        (("encode", "{}", "--expires-in", "9" * 30), "The expiry is too far away to be a date."),
        (("encode", "{}", "--key", ""), "HMAC key must not be empty."),
        (
            ("decode", VALID_TOKEN, "--algorithm", "RS256"),
            "This algorithm needs an RSA key in PEM format: the lines from -----BEGIN to -----END.",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else " ".join(value)[:40],
)
def test_what_cannot_be_used_is_told_in_a_sentence(run: Run, words: tuple[str, ...], message: str) -> None:
    result = run(words[0], "--key", SECRET, *words[1:], typed="é" * 40_000)
    assert (result.exit_code, result.stdout, result.stderr) == (1, "", f"Error: {message}\n")


def test_terminal_control_characters_are_escaped(run: Run) -> None:
    token = jwt.encode({"message": "\x1b[2J\u202e\x9b\ud800"}, SECRET)
    result = run("decode", "--key", SECRET, token)
    assert result.stdout == '{"message": "\\u001b[2J\\u202e\\u009b\\ud800"}\n'


def test_the_apps_own_keys_verify_nothing_here(app: Flask) -> None:
    with app.app_context():
        key = current_runtime().keys.current().signing
    assert isinstance(key.private, bytes)
    token = jwt.encode({}, key.private, algorithm="HS256", headers={"kid": key.kid})
    result = app.test_cli_runner().invoke(args=["token", "decode", "--key", SECRET, token])
    assert (result.exit_code, result.stdout) == (1, "Token is invalid --> Signature verification failed\n")
    jwk = json.dumps({"kty": "oct", "k": base64.urlsafe_b64encode(key.private).rstrip(b"=").decode()})
    assert app.test_cli_runner().invoke(args=["token", "decode", "--key", jwk, token]).exit_code == 0
