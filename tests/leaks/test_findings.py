"""A secret in an output is found, however it is written, and nothing else is."""

import base64
import html
import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from urllib.parse import quote_plus

import pytest

from tests.conftest import Person
from tests.leaks.collection import Collection
from tests.leaks.findings import Finding, find
from tests.leaks.places import PASSWORD, SIGNING_KEY

SECRET = 'a "plum" <kettle> ünder 7 stars'
KEY = bytes(range(50, 114))


@pytest.fixture
def collection(unsearched_folder: Path) -> Collection:
    return Collection(unsearched_folder)


@pytest.fixture
def found(unsearched_folder: Path) -> Callable[[], list[Finding]]:
    """A function that searches the collection."""
    return lambda: list(find(unsearched_folder))


@pytest.mark.parametrize(
    "written",
    [
        SECRET,
        json.dumps({"reason": SECRET}),
        repr(SECRET),
        html.escape(SECRET),
        quote_plus(SECRET),
        SECRET.encode().hex(),
        base64.b64encode(SECRET.encode()).decode(),
    ],
    ids=["plain", "json", "python", "html", "url", "hex", "base64"],
)
def test_a_password_is_found_in_every_form(
    collection: Collection, found: Callable[[], list[Finding]], written: str
) -> None:
    collection.add_secret(PASSWORD, SECRET)
    collection.add_output("log", f"a line with {written} in it")
    (finding,) = found()
    assert finding.kinds == {PASSWORD}
    assert finding.expected is None
    assert finding.match.test.endswith("::test_a_password_is_found_in_every_form")


@pytest.mark.parametrize("before", [b"", b"x", b"xx"])
@pytest.mark.parametrize("encode", [bytes, bytes.hex, base64.encodebytes, base64.urlsafe_b64encode])
def test_a_key_is_found_in_every_encoding_and_alignment(
    unsearched_folder: Path,
    collection: Collection,
    found: Callable[[], list[Finding]],
    encode: Callable[[bytes], str | bytes],
    before: bytes,
) -> None:
    collection.add_secret(SIGNING_KEY, KEY)
    written = encode(before + KEY)
    (unsearched_folder / "file").write_bytes(written.encode() if isinstance(written, str) else written)
    assert {finding.kinds for finding in found()} == {frozenset({SIGNING_KEY})}


@pytest.mark.parametrize("part", [slice(None), slice(None, -8), slice(-30, None)], ids=["whole", "cut off", "end"])
def test_a_token_is_found_even_without_its_ends(
    collection: Collection, found: Callable[[], list[Finding]], sign_in: Callable[..., Person], part: slice
) -> None:
    token = sign_in("alice").token
    collection.add_secret("session token", token)
    collection.add_output("log", token[part])
    assert {finding.kinds for finding in found()} == {frozenset({"session token"})}


def test_a_token_that_nobody_recorded_is_found_by_its_form(
    collection: Collection, found: Callable[[], list[Finding]], sign_in: Callable[..., Person]
) -> None:
    collection.add_output("log", f"token={sign_in('alice').token};")
    assert [finding.kinds for finding in found()] == [{"session token"}]


def test_a_secret_in_a_row_of_sqlite_is_found(
    unsearched_folder: Path, collection: Collection, found: Callable[[], list[Finding]]
) -> None:
    collection.add_secret(PASSWORD, SECRET)
    with closing(sqlite3.connect(unsearched_folder / "daypass.sqlite3")) as database, database:
        database.execute("CREATE TABLE mails (facts TEXT)")
        database.execute("INSERT INTO mails VALUES (?)", [SECRET])
    (finding,) = found()
    assert finding.file == "daypass.sqlite3"


def test_short_and_ordinary_texts_are_no_secrets(collection: Collection, found: Callable[[], list[Finding]]) -> None:
    for text in ("hunter2", "00000000000000000000000000000000", "password"):
        collection.add_secret(PASSWORD, text)
        collection.add_output("log", text)
    assert found() == []


def test_a_link_is_expected_in_a_mail_and_nowhere_else(
    collection: Collection, found: Callable[[], list[Finding]]
) -> None:
    collection.add_secret("reset token", f"x.y.{'abcdefghij' * 5}")
    for output in ("mail", "log", "webhook"):
        collection.add_output(output, "abcdefghij" * 5)
    expected = {finding.file.split("/")[1]: finding.expected is not None for finding in found()}
    assert expected == {"mail": True, "log": False, "webhook": False}


def test_a_header_and_payload_alone_are_no_token(
    collection: Collection, found: Callable[[], list[Finding]], sign_in: Callable[..., Person]
) -> None:
    token = sign_in("alice").token
    collection.add_secret("session token", token)
    collection.add_output("log", token.rpartition(".")[0])
    assert found() == []
