"""Parsing any text as a token: the parts that are shown, and their faults."""

import base64
import json

import pytest

from daypass.lab.playground.parsing import MAX_TEXT_LENGTH, NAMES, Part, read
from daypass.lab.playground.tampering import replace_header
from daypass.tokens.strict_json import PIECES
from tests.lab.playground.shortcuts import encode_token, is_printable_line, segment

TOKEN = encode_token('{"sender": "alice", "list": [1, {}, []], "deep": {"x": "a, b: {c}\\""}}')


def payload(content: bytes | str) -> Part:
    """The parsed payload of a token with this content."""
    return read(f"e30.{segment(content)}.AA").parts[1]


def test_a_token_has_three_parts_with_an_indent() -> None:
    reading = read(TOKEN)
    assert reading.faults == ()
    assert [part.name for part in reading.parts] == list(NAMES)
    assert reading.header == {"alg": "HS256", "typ": "JWT"}
    assert reading.claims == {"sender": "alice", "list": [1, {}, []], "deep": {"x": 'a, b: {c}"'}}
    for part in reading.parts[:2]:
        assert part.shown == json.dumps(part.members, indent=2)
    signature = base64.urlsafe_b64decode(reading.parts[2].raw + "=")
    assert bytes.fromhex(reading.parts[2].shown) == signature
    assert len(signature) == 32


def test_json_is_shown_as_it_was_written() -> None:
    """Numbers, escapes and order are kept; json.dumps would change them."""
    typed = '{"b":1.50,"a":\t1E2 ,"c":"\\u00e4\\/ä"}'
    assert payload(typed).shown == '{\n  "b": 1.50,\n  "a": 1E2,\n  "c": "\\u00e4\\/ä"\n}'


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("", "It has no dots. A token has three parts, separated by dots."),
        ("abc", "It has no dots. A token has three parts, separated by dots."),
        ("a.b", "It has two parts, but a token has three: header, payload, signature."),
        ("a.b.c", ""),
        ("a.b.c.d", "It has 4 parts, but a token has three: header, payload, signature."),
        ("a.b.c.d.e", "It has five parts, like an encrypted token (JWE, RFC 7516). A signed token has three."),
        ("." * 9999, "It has 10000 parts, but a token has three: header, payload, signature."),
        ("x" * (MAX_TEXT_LENGTH + 1), "It is longer than 16384 characters, so it was not read."),
        ("x" * 1_000_000, "It is longer than 16384 characters, so it was not read."),
    ],
    ids=lambda value: value[:20],
)
def test_a_text_without_three_parts_has_a_fault(text: str, fault: str) -> None:
    assert read(text).fault == fault


@pytest.mark.parametrize(
    ("raw", "shown", "fault"),
    [
        ("", "", "It is empty."),
        ("=", "", "It is not JSON: Expecting value, line 1, column 1."),
        ("e30=", "{}", "It is padded with “=”, which RFC 7515 leaves out."),
        ("e3 0", "", "The character “ ” is not one of base64url: A to Z, a to z, 0 to 9, - and _."),
        ("e3+0", "", "The character “+” is not one of base64url: A to Z, a to z, 0 to 9, - and _."),
        ("e3\n0", "", "The character “\\n” is not one of base64url: A to Z, a to z, 0 to 9, - and _."),
        ("e3\ud8000", "", "The character “\\ud800” is not one of base64url: A to Z, a to z, 0 to 9, - and _."),
        ("e30AA", "", "A character is missing or extra: base64url never has this length."),
        ("e31", "", "The last character sets unused bits, so this is not the canonical encoding."),
        (segment(b"\xff\xfe{\x00"), "\\xff\\xfe{\\x00", "It is not UTF-8 text."),
        (segment("{"), "{", "It is not JSON: Expecting property name enclosed in double quotes, line 1, column 2."),
        (
            segment('{"a":1,"a":2}'),
            '{"a":1,"a":2}',
            "The name “a” occurs twice, and parsers differ on which one they use.",
        ),
        (segment("[]"), "[]", "It must be a JSON object, with names and values in braces, but it is a list."),
        (segment("a\nb\u202e"), "a\\nb\\u202e", "It is not JSON: Expecting value, line 1, column 1."),
        (segment('{"a":NaN}'), '{"a":NaN}', "NaN is not a JSON number."),
        (segment("[" * 3000), "[" * 3000, "It is nested deeper than 32 levels."),
    ],
    ids=lambda value: ascii(value)[:30],
)
def test_each_fault_of_a_part_has_a_sentence(raw: str, shown: str, fault: str) -> None:
    for index in (0, 1):
        parts = ["e30", "e30", "AA"]
        parts[index] = raw
        part = read(".".join(parts)).parts[index]
        assert (part.raw, part.fault, part.shown) == (raw, fault, shown)
        assert (part.members is None) is (shown != "{}")


def test_hostile_json_is_shown_as_printable_text() -> None:
    shown = payload('{"a": "\u202e\u2028\ufeff\\ud800\x7f", "\u200b": "<script>"}').shown
    assert "<script>" in shown
    assert all(is_printable_line(line) for line in shown.split("\n"))


def test_the_faults_name_their_parts() -> None:
    assert read("e30.bm8.").faults == (
        "Payload: It is not JSON: Expecting value, line 1, column 1.",
        "Signature: It is empty.",
    )
    assert read("e30").faults == ("It has no dots. A token has three parts, separated by dots.",)


def test_the_parts_joined_are_the_text() -> None:
    for text in (TOKEN, "", ".", "a.b.c.d.e", "..\ud800.", f"{TOKEN}."):
        assert ".".join(part.raw for part in read(text).parts) == text


def test_an_ambiguous_part_has_no_members() -> None:
    ambiguous = read(replace_header(TOKEN, "{}").replace("e30", segment('{"alg":"none","alg":"HS256"}'), 1))
    assert ambiguous.header == {}
    assert ambiguous.claims["sender"] == "alice"


def test_an_unclosed_string_is_one_piece() -> None:
    """Otherwise the regular expression would do quadratic work, which is not counted."""
    assert PIECES.findall('{"a' + '\\"' * 99) == ["{", '"a' + '\\"' * 99]
