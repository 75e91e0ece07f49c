"""Password hashes at a hundredth of their cost, since no page test is about it."""

import pytest

from daypass.accounts import password_hasher
from daypass.accounts.password_hasher import PasswordHasher
from tests.conftest import PASSWORD

CHEAP_METHOD = "scrypt:1024:8:1"


@pytest.fixture(scope="session")
def password_hash() -> str:
    """The hash of PASSWORD, computed once."""
    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setattr(password_hasher, "METHOD", CHEAP_METHOD)
        return PasswordHasher(slots=1, queue=0).hash(PASSWORD)


@pytest.fixture(autouse=True)
def cheap_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make new hashes, and the dummy hash for unknown names, cheap too."""
    monkeypatch.setattr(
        password_hasher, "DUMMY_HASH", password_hasher.DUMMY_HASH.replace(password_hasher.METHOD, CHEAP_METHOD)
    )
    monkeypatch.setattr(password_hasher, "METHOD", CHEAP_METHOD)
