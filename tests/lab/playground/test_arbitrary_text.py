"""Any input gives a result or a message, at a cost that is linear in its length."""

import base64
import json
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from typing import Any

import jwt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from daypass.keys.algorithms import Algorithm
from daypass.keys.ring import KeyRing
from daypass.lab.playground import json_fields, key_text, pem, python_code, tampering
from daypass.lab.playground.algorithms import Kind
from daypass.lab.playground.descriptions import explain_claims, explain_header
from daypass.lab.playground.errors import LabError
from daypass.lab.playground.parsing import read
from daypass.tokens import codec, purposes
from daypass.tokens.errors import InvalidToken
from tests.helpers.json_strategies import json_values
from tests.helpers.signing_keys import signing_key_for
from tests.lab.playground.shortcuts import (
    NOW,
    SECRET,
    encode_token,
    is_printable_line,
    key_for,
    segment,
    verify_token,
)
from tests.lab.playground.step_count import count_steps

PUBLIC = {algorithm: key_for(algorithm).public for algorithm in Algorithm}
RING = KeyRing([signing_key_for(Algorithm.HS256)])

texts = (
    st.text(st.characters())
    | st.text("Ae0-_.=\x00\ud800é ")
    | st.from_regex(r"[A-Za-z0-9_-]*(\.[A-Za-z0-9_-]*){0,4}", fullmatch=True)
)
algorithms = st.sampled_from(Algorithm)
any_json = json_values.map(json.dumps)
objects = st.dictionaries(st.text(st.characters()) | st.sampled_from(["exp", "iat", "iss", "kid", "typ"]), json_values)


def result_or_none(act: Callable[[], Any]) -> Any:
    """What the act returns, or None if it raised a LabError with a printable message."""
    try:
        return act()
    except LabError as error:
        assert is_printable_line(error.message)
        return None


def parse_and_verify(text: str, algorithm: Algorithm = Algorithm.HS256) -> None:
    """Parse and verify a text; the results must be printable and consistent."""
    reading = read(text)
    assert ".".join(part.raw for part in reading.parts) == (text if reading.parts else "")
    for shown in (*reading.faults, *(line for part in reading.parts for line in part.shown.split("\n") if line)):
        assert is_printable_line(shown)
    for line in explain_header(reading.header) + explain_claims(reading.claims, NOW):
        assert line.name.isprintable()
        assert is_printable_line(line.value + line.meaning)
    verification = verify_token(text, algorithm, SECRET if algorithm is Algorithm.HS256 else PUBLIC[algorithm])
    assert all(is_printable_line(sentence) for sentence in (verification.message, *verification.notes))
    assert verification.valid is (verification.claims is not None)


@given(texts, algorithms)
def test_any_text_is_parsed_and_verified(text: str, algorithm: Algorithm) -> None:
    parse_and_verify(text, algorithm)


@given(header=st.binary(max_size=200) | any_json.map(str.encode), payload=st.binary(max_size=200))
def test_any_bytes_in_a_token_are_parsed_and_verified(header: bytes, payload: bytes) -> None:
    parse_and_verify(f"{segment(header)}.{segment(payload)}.{segment(payload)}")


@given(json_values)
def test_any_json_under_a_valid_signature_is_verified(payload: Any) -> None:
    parse_and_verify(jwt.PyJWS().encode(json.dumps(payload).encode(), SECRET.encode(), "HS256"))


@given(header=texts | any_json, claims=texts | any_json, key=texts, expires_in=st.none() | st.integers())
def test_any_form_is_signed_or_refused_with_a_message(
    header: str, claims: str, key: str, expires_in: int | None
) -> None:
    result_or_none(partial(encode_token, claims, header=header, key=key, expires_in=expires_in))
    form: dict[str, Any] = {"header": header, "claims": claims, "key": key, "expires_in": expires_in}
    result_or_none(partial(python_code.encoding_program, algorithm=Algorithm.HS256, **form))


@given(header=objects, claims=objects, algorithm=st.sampled_from([Algorithm.HS512, Algorithm.ES256, Algorithm.EDDSA]))
def test_any_header_and_claims_that_are_signed_are_valid(
    header: dict[str, Any], claims: dict[str, Any], algorithm: Algorithm
) -> None:
    key = key_for(algorithm)
    token = result_or_none(
        partial(encode_token, json.dumps(claims), algorithm, header=json.dumps(header), key=key.private)
    )
    if token is not None and not {"exp", "iat"} & set(claims) and not {"crit"} & set(header):
        assert verify_token(token, algorithm, key.public).claims == claims


@given(text=texts, place=st.integers(), value=texts | any_json)
def test_any_change_is_made_or_refused_with_a_message(text: str, place: int, value: str) -> None:
    for act in (
        partial(tampering.change_character, text, place),
        partial(tampering.replace_claims, text, value),
        partial(tampering.replace_header, text, value),
    ):
        result_or_none(act)


@given(text=texts | st.binary(max_size=300).map(lambda raw: base64.b64encode(raw).decode()), algorithm=algorithms)
def test_any_text_is_a_key_or_refused_with_a_message(text: str, algorithm: Algorithm) -> None:
    wrapped = [f"-----BEGIN {label}-----\n{text}\n-----END {label}-----" for label in ("PRIVATE KEY", "PUBLIC KEY")]
    for typed in (text, *wrapped):
        result_or_none(partial(key_text.load_private, typed, algorithm))
        result_or_none(partial(key_text.public_text, typed, algorithm))
        result_or_none(partial(key_text.remarks, typed, algorithm))


@given(algorithm=st.sampled_from([Algorithm.RS256, Algorithm.ES256, Algorithm.EDDSA]), data=st.data())
def test_a_key_with_any_byte_changed_is_a_key_or_refused_with_a_message(
    algorithm: Algorithm, data: st.DataObject
) -> None:
    key = data.draw(st.sampled_from([key_for(algorithm).private, key_for(algorithm).public]))
    raw = bytearray(base64.b64decode("".join(key.split("\n")[1:-2])))
    raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
    head, *_, tail = key.strip().split("\n")
    result_or_none(
        partial(pem.load, f"{head}\n{base64.b64encode(raw).decode()}\n{tail}", data.draw(st.sampled_from(Kind)))
    )


def refuse_at_the_gate(text: str) -> None:
    """Decode a text as a session token of the app, which must fail."""
    with pytest.raises(InvalidToken):
        codec.decode(text, ring=RING, issuer="x", purposes={purposes.SESSION: 86_400}, now=datetime.now(UTC))


def signed_by_the_app(header: bytes, payload: bytes) -> str:
    """These bytes under a valid signature of the app's key."""
    key = RING.signing.private
    assert isinstance(key, bytes)
    body = f"{segment(header)}.{segment(payload)}".encode()
    signature = jwt.algorithms.HMACAlgorithm(jwt.algorithms.HMACAlgorithm.SHA256).sign(body, key)
    return f"{body.decode()}.{segment(signature)}"


APP_HEADER = json.dumps({"alg": "HS256", "typ": "JWT", "kid": RING.signing.kid}).encode()
# JSON, or nearly, of about this length.
PAYLOADS: dict[str, Callable[[int], bytes]] = {
    "a text": lambda n: b'{"a":"' + b"x" * n + b'"}',
    "escapes": lambda n: b'{"a":"' + b'\\"' * (n // 2) + b'"}',
    "an open text": lambda n: b'{"a":"' + b'\\"' * (n // 2),
    "many texts": lambda n: b'{"a":[' + b'"",' * (n // 3) + b'""]}',
    "numbers": lambda n: b'{"a":[' + b"1," * (n // 2) + b"1]}",
    "members": lambda n: b"{" + b",".join(b'"%d":1' % i for i in range(n // 8)) + b"}",
    "deep lists": lambda n: b"[" * n,
    "deep objects": lambda n: b'{"a":' * (n // 5),
    "closing only": lambda n: b"]" * n,
    "no UTF-8": lambda n: b"\xff" * n,
    "controls": lambda n: b"\x00" * n,
    "white space": lambda n: b'{"a":' + b" " * n + b"1}",
}


def signed_by_the_lab(header: bytes, payload: bytes) -> str:
    """This payload under a valid signature; the lab has a header of its own."""
    return jwt.PyJWS().encode(payload, SECRET.encode(), "HS256")


# Each reader, a function that signs for it, and the length of the shortest payload.
READERS: dict[str, tuple[Callable[[str], object], Callable[[bytes, bytes], str], int]] = {
    "lab": (parse_and_verify, signed_by_the_lab, 1000),
    "gate": (refuse_at_the_gate, signed_by_the_app, 400),
}


def is_linear(reader: Callable[[str], object], texts: list[str]) -> bool:
    """Whether the work for three ever longer texts grows no faster than their length."""
    small, middle, large = (count_steps(partial(reader, text)) for text in texts)
    ratio = (len(texts[2]) - len(texts[1])) / (len(texts[1]) - len(texts[0]))
    return large - middle <= 1.1 * ratio * max(middle - small, 50)


@pytest.mark.parametrize("name", READERS)
@pytest.mark.parametrize("content", PAYLOADS)
def test_the_work_is_linear_in_the_length_of_the_json(content: str, name: str) -> None:
    """With a valid signature, so that all of it is read, and with an invalid one."""
    reader, sign, size = READERS[name]
    contents = [PAYLOADS[content](size * times) for times in (1, 2, 4)]
    assert is_linear(reader, [sign(APP_HEADER, content) for content in contents])
    assert is_linear(reader, [f"{segment(content)}.e30.AA" for content in contents])


@pytest.mark.parametrize("name", READERS)
@pytest.mark.parametrize("piece", [".", "a", "=", "-", "\x00", "\ud800", "a.", "=."], ids=ascii)
def test_the_work_is_linear_in_the_length_of_the_text(piece: str, name: str) -> None:
    assert is_linear(READERS[name][0], [piece * size for size in (500, 1000, 2000)])


def test_quadratic_work_is_detected() -> None:
    def quadratic(text: str) -> None:
        for start in range(len(text)):
            for _ in text[start:]:
                pass

    assert not is_linear(quadratic, ["x" * size for size in (50, 100, 200)])


@pytest.mark.parametrize("text", ["x", "a.", "[", "é"])
def test_a_text_beyond_the_limit_costs_no_more_work_however_long_it_is(text: str) -> None:
    many = text * (1_000_000 // len(text))
    acts: dict[str, Callable[[str], object]] = {
        "read": read,
        "judge": verify_token,
        "gate": refuse_at_the_gate,
        "claims": lambda typed: result_or_none(partial(encode_token, typed)),
        "header": lambda typed: result_or_none(partial(encode_token, header=typed)),
        "key": lambda typed: result_or_none(partial(key_text.load_private, typed, Algorithm.RS256)),
        "change": lambda typed: result_or_none(partial(tampering.replace_claims, typed, "{}")),
        "copy": lambda typed: python_code.decoding_program(typed, key=SECRET, algorithm=Algorithm.HS256),
    }
    for name, act in acts.items():
        assert count_steps(partial(act, many)) == count_steps(partial(act, many[:17_000])), name
        assert count_steps(partial(act, many)) < 600, name


def test_the_limits_are_what_the_form_says() -> None:
    assert (json_fields.MAX_JSON_LENGTH, key_text.MAX_KEY_LENGTH, pem.RSA_MAX_BITS) == (8192, 8192, 3072)
