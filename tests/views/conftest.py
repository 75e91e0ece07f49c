"""What the tests of pages share: password hashes at a hundredth of their cost, since the cost is not the point here."""

import pytest

from daypass import passwords
from daypass.passwords import Hasher
from tests.conftest import PASSWORD

CHEAP_METHOD = "scrypt:1024:8:1"


@pytest.fixture(scope="session")
def password_hash() -> str:
    """The hash of PASSWORD, made once."""
    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setattr(passwords, "METHOD", CHEAP_METHOD)
        return Hasher(slots=1, queue=0).hash(PASSWORD)


@pytest.fixture(autouse=True)
def cheap_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    """New hashes, and that of nobody, are cheap too."""
    monkeypatch.setattr(passwords, "NOBODY", passwords.NOBODY.replace(passwords.METHOD, CHEAP_METHOD))
    monkeypatch.setattr(passwords, "METHOD", CHEAP_METHOD)
