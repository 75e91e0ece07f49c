"""What to do on a machine where a program that a test needs is not installed."""

import os
from typing import NoReturn

import pytest


def skip_or_fail(reason: str) -> NoReturn:
    """Skip the test.

    Fail it in continuous integration (CI is set), where nothing may be missing.
    """
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)
