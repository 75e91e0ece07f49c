"""Set-up links of an app that has no account yet."""

from flask import Flask

from tests.conftest import setup_code


def new_setup_code(app: Flask) -> str:
    """The code of a new set-up link, of an app that has no account yet."""
    code = setup_code(app)
    assert code
    return code
