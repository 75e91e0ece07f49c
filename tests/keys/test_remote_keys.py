"""The keys of an issuer elsewhere: which are used, and when they are fetched again."""

import threading
from typing import Any

import jwt
import pytest

from daypass.errors import ServiceUnavailable
from daypass.keys import jwks, signing_key
from daypass.keys.algorithms import SIGNING_ALGORITHMS, Algorithm, is_shared
from daypass.keys.public_ring import read_jwk_set
from daypass.keys.remote_keys import PAUSE, PAUSE_AFTER_FAILURE, REFRESH_SECONDS, STALE_SECONDS, RemoteKeys
from daypass.keys.ring import KeyRing

FIRST, SECOND = (signing_key.generate(Algorithm.EDDSA) for _ in range(2))


def published(*keys: signing_key.SigningKey) -> dict[str, list[dict[str, Any]]]:
    return jwks.jwk_set(KeyRing(keys))


FAILURES = [jwt.PyJWKClientConnectionError("refused"), ConnectionResetError(), RecursionError(), {"keys": []}, []]


class Issuer:
    """What an issuer publishes; it counts who asks. While `published` is an error, it is raised."""

    def __init__(self) -> None:
        self.published: object = published(FIRST)
        self.asked = 0
        self.now = 1000.0

    def fetch(self) -> object:
        self.asked += 1
        if isinstance(self.published, Exception):
            raise self.published
        return self.published

    def rotate(self) -> None:
        self.published = published(SECOND, FIRST)


@pytest.fixture
def issuer() -> Issuer:
    return Issuer()


@pytest.fixture
def keys(issuer: Issuer) -> RemoteKeys:
    return RemoteKeys(issuer.fetch, lambda: issuer.now, lambda work: work())


def test_the_keys_are_fetched_once_a_minute(issuer: Issuer, keys: RemoteKeys) -> None:
    for _ in range(3):
        keys.refresh()
    assert issuer.asked == 1
    found = keys.ring.find(FIRST.kid)
    assert found is not None
    assert (found.algorithm, keys.ring.verifier(FIRST.kid)) == (Algorithm.EDDSA, FIRST.public)
    issuer.now += REFRESH_SECONDS + 1
    keys.refresh()
    assert issuer.asked == 2


def test_a_dropped_key_is_forgotten_within_a_minute(issuer: Issuer, keys: RemoteKeys) -> None:
    keys.refresh()
    issuer.published = published(SECOND)
    issuer.now += REFRESH_SECONDS + 1
    keys.refresh()
    assert keys.ring.find(FIRST.kid) is None


def test_a_new_key_is_found_at_once(issuer: Issuer, keys: RemoteKeys) -> None:
    keys.refresh()
    issuer.rotate()
    issuer.now += PAUSE
    keys.learn()
    assert keys.ring.find(SECOND.kid) is not None


def test_made_up_keys_make_the_issuer_no_work(issuer: Issuer, keys: RemoteKeys) -> None:
    keys.refresh()
    for _ in range(100):
        keys.learn()
    assert issuer.asked == 1
    issuer.now += PAUSE
    for _ in range(100):
        keys.learn()
    assert issuer.asked == 2


def test_the_ring_stays_the_same_object_while_the_keys_are_the_same(issuer: Issuer, keys: RemoteKeys) -> None:
    keys.refresh()
    ring = keys.ring
    issuer.now += REFRESH_SECONDS + 1
    keys.refresh()
    assert issuer.asked == 2
    assert keys.ring is ring
    issuer.rotate()
    issuer.now += REFRESH_SECONDS + 1
    keys.refresh()
    assert keys.ring is not ring


@pytest.mark.parametrize("failure", FAILURES)
def test_the_keys_are_used_for_an_hour_without_the_issuer(issuer: Issuer, keys: RemoteKeys, failure: object) -> None:
    keys.refresh()
    issuer.published = failure
    issuer.now += STALE_SECONDS
    keys.refresh()
    assert keys.ring.find(FIRST.kid) is not None
    issuer.now += PAUSE_AFTER_FAILURE
    keys.refresh()
    with pytest.raises(ServiceUnavailable):
        assert keys.ring
    issuer.published = published(FIRST)
    issuer.now += PAUSE_AFTER_FAILURE
    keys.refresh()
    assert keys.ring.find(FIRST.kid) is not None


def test_without_keys_nothing_is_verified(issuer: Issuer, keys: RemoteKeys) -> None:
    issuer.published = jwt.PyJWKClientConnectionError("refused")
    keys.refresh()
    with pytest.raises(ServiceUnavailable):
        assert keys.ring


def test_pinned_keys_are_never_fetched(issuer: Issuer, keys: RemoteKeys) -> None:
    keys.pin(read_jwk_set(published(SECOND)))
    issuer.now += 2 * STALE_SECONDS
    keys.refresh()
    keys.learn()
    assert keys.ring.find(SECOND.kid) is not None
    assert issuer.asked == 0


def test_an_issuer_that_is_down_is_asked_rarely(issuer: Issuer, keys: RemoteKeys) -> None:
    keys.refresh()
    issuer.published = ConnectionResetError()
    issuer.now += REFRESH_SECONDS + 1
    for _ in range(100):
        keys.refresh()
        keys.learn()
        issuer.now += PAUSE_AFTER_FAILURE / 200
    assert issuer.asked == 2


def test_no_request_waits_while_the_keys_are_fetched_again(issuer: Issuer) -> None:
    fetching, answered = threading.Event(), threading.Event()

    def fetch() -> object:
        if issuer.asked:
            fetching.set()
            assert answered.wait(10)
        return issuer.fetch()

    keys = RemoteKeys(fetch, lambda: issuer.now)
    keys.refresh()
    issuer.now += REFRESH_SECONDS + 1
    for _ in range(3):
        keys.refresh()
        assert keys.ring.find(FIRST.kid) is not None
    assert fetching.wait(10)
    assert issuer.asked == 1
    answered.set()
    for thread in threading.enumerate():
        if thread.name == "keys of the issuer":
            thread.join(10)
    assert issuer.asked == 2


@pytest.mark.parametrize("algorithm", [each for each in SIGNING_ALGORITHMS if not is_shared(each)])
def test_every_algorithm_that_daypass_publishes_is_read(algorithm: Algorithm) -> None:
    key = signing_key.generate(algorithm)
    ring = read_jwk_set(published(key))
    found = ring.find(key.kid)
    assert found is not None
    assert (found.algorithm, found.public, ring.retired_at(key.kid)) == (algorithm, key.public, None)


def test_keys_that_may_not_verify_are_left_out() -> None:
    good = published(FIRST)["keys"][0]
    secret = {"kty": "oct", "k": "c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0LTEyMzQ", "kid": "shared", "alg": "HS256"}
    for_encryption = good | {"kid": "enc", "use": "enc"}
    without_id = {name: value for name, value in good.items() if name != "kid"}
    unknown = {"kty": "unheard of", "kid": "new"}
    broken: list[object] = [None, [], {}, {"kty": "oct"}, good | {"alg": "none"}, good | {"x": 7}]
    ring = read_jwk_set({"keys": [secret, for_encryption, without_id, unknown, *broken, good]})
    assert ring == read_jwk_set({"keys": [good]})


@pytest.mark.parametrize(
    "document",
    [
        None,
        [],
        "text",
        {},
        {"keys": None},
        {"keys": "text"},
        {"keys": [None]},
        {"keys": []},
        {"keys": [{"kty": "oct", "k": "c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0LTEyMzQ", "kid": "shared", "alg": "HS256"}]},
    ],
)
def test_a_document_without_keys_is_refused(document: object) -> None:
    with pytest.raises(ValueError):
        read_jwk_set(document)
