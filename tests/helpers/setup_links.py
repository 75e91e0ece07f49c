"""Set-up links of an app that has no account yet."""

from flask import Flask

from tests.conftest import setup_token


def new_setup_token(app: Flask) -> str:
    """The token of a new set-up link, of an app that has no account yet."""
    token = setup_token(app)
    assert token
    return token
