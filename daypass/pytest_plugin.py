"""The pytest plug-in: the fixture `signed_in`. It needs a fixture `app`, as pytest-flask does."""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from flask import Flask
    from flask.testing import FlaskClient


@pytest.fixture
def signed_in(app: "Flask") -> "Callable[..., FlaskClient]":
    """A function that returns a client that is signed in: `signed_in("alice", roles=["staff"])`."""
    from daypass import testing  # not before a test asks for it: every run of pytest imports this module

    return partial(testing.signed_in, app)
