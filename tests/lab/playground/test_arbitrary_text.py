"""Whatever is typed: an answer or a refusal in words, never an exception; and work that grows as the text does."""

import base64
import json
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from typing import Any

import jwt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from daypass.keys.algorithms import Algorithm
from daypass.keys.ring import KeyRing
from daypass.lab.playground import encoding, key_text, pem, python_code, tampering
from daypass.lab.playground.algorithms import Kind
from daypass.lab.playground.descriptions import explain_claims, explain_header
from daypass.lab.playground.errors import LabError
from daypass.lab.playground.parsing import read
from daypass.tokens import codec, purposes
from daypass.tokens.errors import InvalidToken
from tests.keys.test_signing_key import key_of as own_key_of
from tests.lab.playground.shortcuts import NOW, SECRET, is_showable, judge, key_of, write
from tests.lab.playground.step_count import counted
from tests.security.test_arbitrary_tokens import json_values

PUBLIC = {algorithm: key_of(algorithm).public for algorithm in Algorithm}
RING = KeyRing([own_key_of(Algorithm.HS256)])

texts = (
    st.text(st.characters())
    | st.text("Ae0-_.=\x00\ud800é ")
    | st.from_regex(r"[A-Za-z0-9_-]*(\.[A-Za-z0-9_-]*){0,4}", fullmatch=True)
)
algorithms = st.sampled_from(Algorithm)
any_json = json_values.map(json.dumps)
objects = st.dictionaries(st.text(st.characters()) | st.sampled_from(["exp", "iat", "iss", "kid", "typ"]), json_values)


def segment(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def in_words(act: Callable[[], Any]) -> Any:
    """What an act comes to, or None where it was refused in a sentence; any other exception fails the test."""
    try:
        return act()
    except LabError as error:
        assert is_showable(error.message)
        return None


def taken_apart_and_judged(text: str, algorithm: Algorithm = Algorithm.HS256) -> None:
    """All that the lab says of a token, held to what it promises."""
    reading = read(text)
    assert ".".join(part.raw for part in reading.parts) == (text if reading.parts else "")
    for words in (*reading.faults, *(line for part in reading.parts for line in part.shown.split("\n") if line)):
        assert is_showable(words)
    for line in explain_header(reading.header) + explain_claims(reading.claims, NOW):
        assert line.name.isprintable()
        assert is_showable(line.value + line.meaning)
    judgement = judge(text, algorithm, SECRET if algorithm is Algorithm.HS256 else PUBLIC[algorithm])
    assert all(is_showable(words) for words in (judgement.message, *judgement.notes))
    assert judgement.valid is (judgement.claims is not None)


@settings(deadline=None)
@given(texts, algorithms)
def test_any_text_is_taken_apart_and_judged_in_words(text: str, algorithm: Algorithm) -> None:
    taken_apart_and_judged(text, algorithm)


@settings(deadline=None)
@given(header=st.binary(max_size=200) | any_json.map(str.encode), payload=st.binary(max_size=200))
def test_any_bytes_in_a_token_are_taken_apart_and_judged_in_words(header: bytes, payload: bytes) -> None:
    taken_apart_and_judged(f"{segment(header)}.{segment(payload)}.{segment(payload)}")


@settings(deadline=None)
@given(json_values)
def test_any_json_under_a_right_signature_is_judged_in_words(payload: Any) -> None:
    taken_apart_and_judged(jwt.PyJWS().encode(json.dumps(payload).encode(), SECRET.encode(), "HS256"))


@settings(deadline=None)
@given(header=texts | any_json, claims=texts | any_json, key=texts, expires_in=st.none() | st.integers())
def test_any_form_is_signed_or_refused_in_words(header: str, claims: str, key: str, expires_in: int | None) -> None:
    in_words(partial(write, claims, header=header, key=key, expires_in=expires_in))
    form: dict[str, Any] = {"header": header, "claims": claims, "key": key, "expires_in": expires_in}
    in_words(partial(python_code.encoding_program, algorithm=Algorithm.HS256, **form))


@settings(deadline=None)
@given(header=objects, claims=objects, algorithm=st.sampled_from([Algorithm.HS512, Algorithm.ES256, Algorithm.EDDSA]))
def test_any_header_and_claims_that_are_signed_are_valid(
    header: dict[str, Any], claims: dict[str, Any], algorithm: Algorithm
) -> None:
    key = key_of(algorithm)
    token = in_words(partial(write, json.dumps(claims), algorithm, header=json.dumps(header), key=key.private))
    if token is not None and not {"exp", "iat"} & set(claims) and not {"crit"} & set(header):
        assert judge(token, algorithm, key.public).claims == claims


@settings(deadline=None)
@given(text=texts, place=st.integers(), value=texts | any_json)
def test_any_change_is_made_or_refused_in_words(text: str, place: int, value: str) -> None:
    for act in (
        partial(tampering.change_character, text, place),
        partial(tampering.replace_claim, text, value, value),
        partial(tampering.replace_claims, text, value),
        partial(tampering.replace_header, text, value),
        partial(tampering.cut_signature, text),
    ):
        in_words(act)


@settings(deadline=None)
@given(text=texts | st.binary(max_size=300).map(lambda raw: base64.b64encode(raw).decode()), algorithm=algorithms)
def test_any_text_is_a_key_or_refused_in_words(text: str, algorithm: Algorithm) -> None:
    wrapped = [f"-----BEGIN {label}-----\n{text}\n-----END {label}-----" for label in ("PRIVATE KEY", "PUBLIC KEY")]
    for typed in (text, *wrapped):
        in_words(partial(key_text.load_private, typed, algorithm))
        in_words(partial(key_text.public_text, typed, algorithm))
        in_words(partial(key_text.warning, typed, algorithm))


@settings(deadline=None)
@given(algorithm=st.sampled_from([Algorithm.RS256, Algorithm.ES256, Algorithm.EDDSA]), data=st.data())
def test_any_key_with_a_byte_changed_is_a_key_or_refused_in_words(algorithm: Algorithm, data: st.DataObject) -> None:
    key = data.draw(st.sampled_from([key_of(algorithm).private, key_of(algorithm).public]))
    raw = bytearray(base64.b64decode("".join(key.split("\n")[1:-2])))
    raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
    head, *_, tail = key.strip().split("\n")
    in_words(partial(pem.load, f"{head}\n{base64.b64encode(raw).decode()}\n{tail}", data.draw(st.sampled_from(Kind))))


def own(text: str) -> None:
    with pytest.raises(InvalidToken):
        codec.decode(text, ring=RING, issuer="x", purposes={purposes.SESSION: 86_400}, now=datetime.now(UTC))


def ours(header: bytes, payload: bytes) -> str:
    """These bytes under a right signature of the app's key."""
    key = RING.signing.private
    assert isinstance(key, bytes)
    body = f"{segment(header)}.{segment(payload)}".encode()
    signature = jwt.algorithms.HMACAlgorithm(jwt.algorithms.HMACAlgorithm.SHA256).sign(body, key)
    return f"{body.decode()}.{segment(signature)}"


OUR_HEADER = json.dumps({"alg": "HS256", "typ": "JWT", "kid": RING.signing.kid}).encode()
GROWING: dict[str, Callable[[int], bytes]] = {
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


def lab_signed(header: bytes, payload: bytes) -> str:
    return jwt.PyJWS().encode(payload, SECRET.encode(), "HS256")


JUDGES: dict[str, tuple[Callable[[str], object], Callable[[bytes, bytes], str], int]] = {
    "lab": (taken_apart_and_judged, lab_signed, 1000),
    "gate": (own, ours, 400),
}


def grows_no_faster_than_the_text(judge: Callable[[str], object], texts: list[str]) -> bool:
    """Whether of three texts, each twice the one before, the last step costs what the one before says, by length."""
    small, middle, large = (counted(partial(judge, text)) for text in texts)
    longer = (len(texts[2]) - len(texts[1])) / (len(texts[1]) - len(texts[0]))
    return large - middle <= 1.1 * longer * max(middle - small, 50)


@pytest.mark.parametrize("whose", JUDGES)
@pytest.mark.parametrize("content", GROWING)
def test_twice_the_json_is_no_more_than_twice_the_work(content: str, whose: str) -> None:
    """Under a right signature, so that all of it is read; counted in steps of Python, the same on any machine."""
    judge, signed, size = JUDGES[whose]
    contents = [GROWING[content](size * times) for times in (1, 2, 4)]
    assert grows_no_faster_than_the_text(judge, [signed(OUR_HEADER, content) for content in contents])
    assert grows_no_faster_than_the_text(judge, [f"{segment(content)}.e30.AA" for content in contents])


@pytest.mark.parametrize("whose", JUDGES)
@pytest.mark.parametrize("piece", [".", "a", "=", "-", "\x00", "\ud800", "a.", "=."], ids=ascii)
def test_twice_the_text_is_no_more_than_twice_the_work(piece: str, whose: str) -> None:
    assert grows_no_faster_than_the_text(JUDGES[whose][0], [piece * size for size in (500, 1000, 2000)])


def test_work_that_grows_faster_than_the_text_would_be_seen() -> None:
    def quadratic(text: str) -> None:
        for start in range(len(text)):
            for _ in text[start:]:
                pass

    assert not grows_no_faster_than_the_text(quadratic, ["x" * size for size in (50, 100, 200)])


@pytest.mark.parametrize("text", ["x", "a.", "[", "é"])
def test_a_megabyte_is_no_more_work_than_a_little_more_than_the_limit(text: str) -> None:
    many = text * (1_000_000 // len(text))
    acts: dict[str, Callable[[str], object]] = {
        "read": read,
        "judge": judge,
        "gate": own,
        "claims": lambda typed: in_words(partial(write, typed)),
        "header": lambda typed: in_words(partial(write, header=typed)),
        "key": lambda typed: in_words(partial(key_text.load_private, typed, Algorithm.RS256)),
        "change": lambda typed: in_words(partial(tampering.replace_claims, typed, "{}")),
        "copy": lambda typed: python_code.decoding_program(typed, key=SECRET, algorithm=Algorithm.HS256),
    }
    for name, act in acts.items():
        assert counted(partial(act, many)) == counted(partial(act, many[:17_000])), name
        assert counted(partial(act, many)) < 600, name


def test_the_limits_are_what_the_form_says() -> None:
    assert (encoding.MAX_JSON_LENGTH, key_text.MAX_KEY_LENGTH, pem.RSA_MAX_BITS) == (8192, 8192, 3072)
