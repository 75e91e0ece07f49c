"""Password hashes at full cost: the real server makes no others."""

import pytest

from daypass.accounts.password_hasher import PasswordHasher
from tests.conftest import PASSWORD


@pytest.fixture(scope="session")
def password_hash() -> str:
    """The hash of PASSWORD, computed once: it takes a third of a second."""
    return PasswordHasher(slots=1, queue=0).hash(PASSWORD)
