"""Node's `jose` verifies what the lab signs, and the lab what `jose` signs."""

from typing import Any

from daypass.keys.algorithms import Algorithm
from daypass.lab.playground.tampering import change_character
from tests.helpers import node_jose
from tests.lab.playground.shortcuts import each_algorithm, encode_token, key_for, verify_token

CLAIMS = {"sender": "alice", "message": "Grüße, 你好 😀", "list": [1, 2.5, None, True], "sub": "bob"}


def jose(act: str, algorithm: Algorithm, key: str, **job: Any) -> Any:
    return node_jose.run("tokens.mjs", {"act": act, "algorithm": algorithm.value, "key": key, **job})


@each_algorithm
def test_a_token_of_the_lab_verifies_in_jose(algorithm: Algorithm) -> None:
    key = key_for(algorithm)
    token = encode_token(
        '{"sender": "alice", "message": "Gr\\u00fc\\u00dfe, 你好 😀", "n": 2.5}', algorithm, key=key.private
    )
    assert jose("verify", algorithm, key.public, token=token) == {
        "claims": {"sender": "alice", "message": "Grüße, 你好 😀", "n": 2.5},
        "header": {"alg": algorithm.value, "typ": "JWT"},
    }
    changed = change_character(token, len(token) - 2)
    assert jose("verify", algorithm, key.public, token=changed) == {"refused": "ERR_JWS_SIGNATURE_VERIFICATION_FAILED"}


@each_algorithm
def test_a_token_of_jose_verifies_in_the_lab(algorithm: Algorithm) -> None:
    key = key_for(algorithm)
    token = jose("sign", algorithm, key.private, claims=CLAIMS)["token"]
    result = verify_token(token, algorithm, key.public)
    assert (result.message, result.notes, result.claims) == ("Token is valid", (), CLAIMS)
    changed = verify_token(change_character(token, len(token) - 2), algorithm, key.public)
    assert (changed.message, changed.blame) == ("Token is invalid --> Signature verification failed", "signature")
