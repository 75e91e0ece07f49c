"""What the tests of pages share: password hashes at a hundredth of their cost, since the cost is not the point here."""

import pytest

from daypass.accounts import password_hasher
from daypass.accounts.password_hasher import PasswordHasher
from tests.conftest import PASSWORD

CHEAP_METHOD = "scrypt:1024:8:1"


@pytest.fixture(scope="session")
def password_hash() -> str:
    """The hash of PASSWORD, made once."""
    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setattr(password_hasher, "METHOD", CHEAP_METHOD)
        return PasswordHasher(slots=1, queue=0).hash(PASSWORD)


@pytest.fixture(autouse=True)
def cheap_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    """New hashes, and that of nobody, are cheap too."""
    monkeypatch.setattr(
        password_hasher, "DUMMY_HASH", password_hasher.DUMMY_HASH.replace(password_hasher.METHOD, CHEAP_METHOD)
    )
    monkeypatch.setattr(password_hasher, "METHOD", CHEAP_METHOD)
