"""Two tokens side by side."""

from daypass.lab.playground.comparison import Row, compare
from tests.lab.playground.shortcuts import encode_token

ALICE = encode_token('{"sender": "alice", "date": 1, "admin": true}')
BOB = encode_token('{"sender": "bob", "date": 1, "x\\u202e": 2}', header='{"typ": "JWT", "kid": "7"}')


def test_members_that_differ_are_marked_and_absent_ones_are_empty() -> None:
    found = compare(ALICE, BOB)
    assert found.parts["payload"] == (
        Row("sender", '"alice"', '"bob"'),
        Row("date", "1", "1"),
        Row("admin", "true", ""),
        Row("x\\u202e", "", "2"),
    )
    assert [row.name for rows in found.parts.values() for row in rows if row.differs] == [
        "kid",
        "sender",
        "admin",
        "x\\u202e",
    ]
    assert (found.differences, found.same_signature, found.fault) == (4, False, "")


def test_a_token_does_not_differ_from_itself() -> None:
    found = compare(ALICE, ALICE)
    assert (found.differences, found.same_signature) == (0, True)


def test_a_text_that_is_no_token_has_a_fault() -> None:
    found = compare(ALICE, "nothing")
    assert found.fault.startswith("It has no dots.")
    assert found.parts["payload"][0] == Row("sender", '"alice"', "")
