"""Passwords: strength, hashes, and how many are hashed at once."""

import os
import queue
import random
import sys
import threading
import time
import unicodedata
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from werkzeug.security import generate_password_hash
from zxcvbn.frequency_lists import FREQUENCY_LISTS

from daypass.accounts import password_hasher
from daypass.accounts.errors import WeakPassword
from daypass.accounts.password_hasher import (
    DUMMY_HASH,
    METHOD,
    NICENESS,
    THREAD_NAME,
    PasswordHasher,
    needs_rehash,
)
from daypass.accounts.passwords import MIN_LENGTH, check_strength, is_possible
from daypass.throttling.errors import Busy
from tests.conftest import PASSWORD

LENGTH = "A password has 8 to 128 characters."
COMMON = """
    password1 password123 12345678 123456789 1234567890 11111111 qwertyuiop qwerty123 asdfghjkl 1q2w3e4r 1qaz2wsx
    iloveyou1 baseball football trustno1 sunshine princess superman starwars computer whatever michelle jennifer
    corvette mercedes welcome1 letmein1 passw0rd dragon123 monkey123 abcd1234 changeme
""".split()  # noqa: SIM905


def advice(password: str, username: str = "alice") -> list[str]:
    with pytest.raises(WeakPassword) as weak:
        check_strength(password, username)
    assert not password or password not in weak.value.message
    return weak.value.advice


@pytest.mark.parametrize(
    "password", ["", "x", "zqvwkxj", "😀🦊🚀🍋🎻🧊🪁", " zqvwk ", "9" * 129, "zq vwkxj " * 15, "🦊" * 129]
)
def test_a_password_outside_8_to_128_characters_is_refused(password: str) -> None:
    assert advice(password) == [LENGTH]


@pytest.mark.parametrize("password", ["zqvwkxjm", "😀🦊🚀🍋🎻🧊🪁🦑", "        ", "a" * 128])
def test_length_is_no_objection_from_8_to_128_characters(password: str) -> None:
    assert LENGTH not in advice(password)


def test_a_random_password_of_128_characters_is_accepted() -> None:
    check_strength("zq vwkx🦊" * 16, "alice")


def test_a_megabyte_is_refused_before_its_strength_is_worked_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "zxcvbn", None)  # an import of it fails
    assert advice("zq vwkxj" * 131_072) == [LENGTH]


@pytest.mark.parametrize("password", COMMON)
def test_a_common_password_is_refused_with_advice(password: str) -> None:
    assert len(password) >= 8
    assert advice(password)[0] == "This password is easy to guess."


def test_as_many_common_passwords_are_known_as_documented_and_each_of_a_sample_is_refused() -> None:
    common = sorted(FREQUENCY_LISTS["passwords"])
    long_enough = [password for password in common if len(password) >= MIN_LENGTH]
    assert (len(common), len(long_enough)) == (30_000, 11_611)
    for password in random.Random(7).sample(long_enough, 200):  # noqa: S311
        assert advice(password)[0] == "This password is easy to guess."


@pytest.mark.parametrize(
    ("password", "username"),
    [
        ("daypass2026!", "alice"),
        ("Daypass2026!", "alice"),
        ("daypassdaypass", "alice"),
        ("margarethe1234", "margarethe"),
        ("Margarethe1234", "margarethe"),
        ("zqvwkxjmbt1234", "zqvwkxjmbt"),
        ("zqvwkxjmbt", "zqvwkxjmbt"),
    ],
)
def test_the_names_of_daypass_and_of_the_account_are_easy_to_guess(password: str, username: str) -> None:
    assert advice(password, username)[0] == "This password is easy to guess."


def test_another_accounts_name_is_allowed_in_a_password() -> None:
    check_strength("zqvwkxjmbt1234", "alice")


@pytest.mark.parametrize(
    "password",
    [
        PASSWORD,
        "correct horse battery staple",
        "plum kettle orbit twelve",
        "zqvwkxjmbtfh",
        "482915730264",
        "😀🦊🚀🍋🎻🧊🪁🦑🌋",
        "пароль-из-семи-слов",
        "  zqv wkx jmb  ",
        "zqvwk\0xjmbtfh",
        "zqvwk\txjmb\ntfh",
    ],
)
def test_no_kind_of_character_is_asked_for_or_forbidden(password: str) -> None:
    check_strength(password, "alice")


def test_a_password_is_judged_as_typed() -> None:
    check_strength(f"{' ' * 3}x9k{' ' * 3}", "alice")
    assert advice("   x9k".strip()) == [LENGTH]


@pytest.mark.parametrize("password", ["hazel lantern \ud800 river", "\udfff" * 12])
def test_text_that_is_not_unicode_is_refused_in_words(password: str) -> None:
    assert advice(password) == ["A password must be valid Unicode text."]
    assert not is_possible(password)


@pytest.mark.parametrize(
    ("password", "possible"),
    [("", True), ("x" * 128, True), ("🦊" * 128, True), ("\ud7ff\ue000\uffff", True), ("x" * 129, False)],
)
def test_whatever_is_text_of_128_characters_may_be_tried(password: str, possible: bool) -> None:
    assert is_possible(password) is possible


@pytest.fixture(autouse=True)
def cheap_hashes() -> None:
    """Keep the full cost, which these tests are about."""


@pytest.fixture(scope="module")
def password_hash() -> str:
    return PasswordHasher(slots=1, queue=0).hash(PASSWORD)


def test_a_password_fits_its_hash_exactly_as_typed() -> None:
    typed = " Påss phrase\0 " + "é🦊x" * 20
    hasher = PasswordHasher(slots=1, queue=0)
    stored = hasher.hash(typed)
    variants = {
        typed.strip(),
        typed.swapcase(),
        typed.casefold(),
        unicodedata.normalize("NFD", typed),
        typed.partition("\0")[0],
        typed.encode()[:72].decode(errors="ignore"),
    }
    assert unicodedata.is_normalized("NFC", typed)
    assert len(variants - {typed}) == 6
    assert hasher.verify(stored, typed)
    assert [variant for variant in variants if hasher.verify(stored, variant)] == []


def test_a_hash_is_salted_names_its_method_and_holds_no_password(password_hash: str) -> None:
    other = PasswordHasher(slots=1, queue=0).hash(PASSWORD)
    assert other != password_hash
    assert other.startswith("scrypt:32768:8:3$")  # OWASP's parameters for 32 MiB
    assert PASSWORD not in other


def test_the_dummy_hash_costs_as_much_as_a_real_one(password_hash: str) -> None:
    method, salt, digest = DUMMY_HASH.split("$")
    assert method == METHOD
    assert [len(part) for part in (method, salt, digest)] == [len(part) for part in password_hash.split("$")]
    assert len(bytes.fromhex(digest)) == 64


def test_an_unknown_name_costs_one_hash_and_never_fits(monkeypatch: pytest.MonkeyPatch) -> None:
    checked = []

    def always_fits(stored: str, password: str) -> bool:
        checked.append((stored, password))
        return True

    monkeypatch.setattr(password_hasher, "check_password_hash", always_fits)
    assert PasswordHasher(slots=1, queue=0).verify(None, PASSWORD) is False
    assert checked == [(DUMMY_HASH, PASSWORD)]


def test_a_hash_of_another_method_or_cost_is_made_again(password_hash: str) -> None:
    assert not needs_rehash(password_hash)
    for method in ("scrypt:16384:8:3", "scrypt:32768:8:1", "scrypt:32768:8:30", "pbkdf2:sha256:1000"):
        assert needs_rehash(password_hash.replace(METHOD, method))


class BlockingHash:
    """A hash function that blocks until the test lets it finish."""

    def __init__(self) -> None:
        self.started, self.released = threading.Event(), threading.Event()
        self.running = 0
        self.most_running = 0
        self._lock = threading.Lock()

    def __call__(self, stored: str, password: str) -> bool:
        with self._lock:
            self.running += 1
            self.most_running = max(self.most_running, self.running)
        self.started.set()
        assert self.released.wait(timeout=10)
        with self._lock:
            self.running -= 1
        return True


@pytest.fixture
def blocking_hash(monkeypatch: pytest.MonkeyPatch) -> BlockingHash:
    blocking_hash = BlockingHash()
    monkeypatch.setattr(password_hasher, "check_password_hash", blocking_hash)
    return blocking_hash


def outcome(call: Callable[[], bool]) -> object:
    try:
        return call()
    except Busy:
        return Busy


@pytest.mark.parametrize(("slots", "waiting"), [(1, 1), (1, 0), (2, 3)])
def test_work_beyond_the_queue_is_refused_at_once(blocking_hash: BlockingHash, slots: int, waiting: int) -> None:
    hasher = PasswordHasher(slots=slots, queue=waiting, patience=10)
    finished: queue.Queue[object] = queue.Queue()
    with ThreadPoolExecutor(slots + waiting + 1) as pool:
        for _ in range(slots + waiting + 1):
            pool.submit(lambda: finished.put(outcome(lambda: hasher.verify(DUMMY_HASH, PASSWORD))))
        assert finished.get(timeout=10) is Busy  # while all others are held
        time.sleep(0.1)  # in which too many would begin
        blocking_hash.released.set()
        others = [finished.get(timeout=10) for _ in range(slots + waiting)]
    assert others == [True] * (slots + waiting)
    assert blocking_hash.most_running <= slots


def test_work_that_waits_too_long_is_refused_and_leaves_the_queue(blocking_hash: BlockingHash) -> None:
    hasher = PasswordHasher(slots=1, queue=1, patience=0.01)
    finished: queue.Queue[object] = queue.Queue()
    with ThreadPoolExecutor(2) as pool:
        for _ in range(2):
            pool.submit(lambda: finished.put(outcome(lambda: hasher.verify(DUMMY_HASH, PASSWORD))))
        assert finished.get(timeout=10) is Busy
        blocking_hash.released.set()
        assert finished.get(timeout=10) is True
    assert [hasher.verify(DUMMY_HASH, PASSWORD) for _ in range(3)] == [True] * 3


def test_the_busy_error_says_when_to_come_back(blocking_hash: BlockingHash) -> None:
    hasher = PasswordHasher(slots=1, queue=0)
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(hasher.verify, DUMMY_HASH, PASSWORD)
        assert blocking_hash.started.wait(timeout=10)
        with pytest.raises(Busy) as busy:
            hasher.hash(PASSWORD)
        blocking_hash.released.set()
        assert first.result()
    assert (busy.value.status, busy.value.retry_after) == (503, 5)


def test_no_place_is_lost_by_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    hasher = PasswordHasher(slots=1, queue=0)

    def fails(stored: str, password: str) -> bool:
        raise MemoryError

    monkeypatch.setattr(password_hasher, "check_password_hash", fails)
    for _ in range(3):
        with pytest.raises(MemoryError):
            hasher.verify(DUMMY_HASH, PASSWORD)
    monkeypatch.undo()
    assert hasher.verify(generate_password_hash(PASSWORD, "scrypt:1024:8:1"), PASSWORD)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has a priority per thread")
def test_hashing_has_a_lower_priority_than_requests() -> None:
    hasher = PasswordHasher(slots=1, queue=0)
    hasher.verify(DUMMY_HASH, PASSWORD)
    own = os.getpriority(os.PRIO_PROCESS, threading.get_native_id())
    hashing = [thread.native_id for thread in threading.enumerate() if thread.name.startswith(THREAD_NAME)]
    assert hashing
    assert all(os.getpriority(os.PRIO_PROCESS, each or 0) == min(own + NICENESS, 19) for each in hashing)
